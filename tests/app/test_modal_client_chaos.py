"""Two thousand questions to an upstream that fails three times in ten, on a clock of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import httpx
import pytest

from app.errors import VisionError, VisionRefused
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from tests.fakes import Clock, completion, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
QUESTIONS = 2000


@dataclass
class Failing:
    """Fails a share of its requests, in all the ways that services fail for a moment."""

    clock: Clock
    dice: random.Random
    share: float = 0.3
    requests: int = 0
    early: int = 0
    asked_to_wait_until: float = field(default=0)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        self.early += self.clock.now() < self.asked_to_wait_until
        self.asked_to_wait_until = 0
        self.clock.time_s += self.dice.uniform(0.2, 1.5)
        if self.dice.random() >= self.share:
            return httpx.Response(200, json=completion())
        match self.dice.randrange(6):
            case 0:
                return httpx.Response(503)
            case 1:
                self.asked_to_wait_until = self.clock.now() + 2
                return httpx.Response(429, headers={"Retry-After": "2"})
            case 2:
                raise httpx.ReadError("reset", request=request)
            case 3:
                raise httpx.ConnectError("refused", request=request)
            case 4:
                self.clock.time_s += 5
                raise httpx.ReadTimeout("slow", request=request)
            case _:
                whole = httpx.Response(200, json=completion()).content
                return httpx.Response(200, content=whole[: self.dice.randrange(len(whole) - 1)])


@pytest.mark.parametrize("seed", range(5))
async def test_of_an_upstream_that_fails_three_in_ten_the_caller_sees_nothing(seed: int) -> None:
    clock, dice = Clock(), random.Random(seed)
    upstream = Failing(clock, dice)
    endpoint = Endpoint("http://vqa", "m", 120, transport=httpx.MockTransport(upstream))
    retry = RetryPolicy(sleep=clock.sleep, jitter=dice.random)
    answered = 0
    async with ModalServiceClient(endpoint, endpoint, retry, now=clock.now) as client:
        for _ in range(QUESTIONS):
            upstream.asked_to_wait_until = 0
            try:
                await client.call_vqa(IMAGE, "?")
            except VisionError:
                continue
            answered += 1
    assert answered >= 0.999 * QUESTIONS
    assert upstream.requests <= 1.45 * QUESTIONS
    assert upstream.early == 0


async def test_a_refusal_is_never_sent_again_whatever_the_weather() -> None:
    dice, asked = random.Random(7), 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(dice.choice([400, 401, 403, 404, 405, 413, 415, 422]))

    endpoint = Endpoint("http://vqa", "m", 120, transport=httpx.MockTransport(answer))
    async with ModalServiceClient(endpoint, endpoint) as client:
        for _ in range(200):
            with pytest.raises(VisionRefused):
                await client.call_vqa(IMAGE, "?")
        assert client.breaker_state("vqa") == "closed"
    assert asked == 200
