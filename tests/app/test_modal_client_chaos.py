"""Two thousand questions to an upstream that fails three times in ten, on a clock of its own."""

from __future__ import annotations

import random

import httpx
import pytest

from app.errors import VisionError, VisionRefused
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from tests.failing_upstream import FailingUpstream
from tests.fakes import Clock, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
QUESTIONS = 2000


@pytest.mark.parametrize("seed", range(5))
async def test_of_an_upstream_that_fails_three_in_ten_the_caller_sees_nothing(seed: int) -> None:
    clock, dice = Clock(), random.Random(seed)
    upstream = FailingUpstream(clock, dice)
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
