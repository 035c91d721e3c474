from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from app.errors import (
    VisionBreakerOpen,
    VisionError,
    VisionOverloaded,
    VisionRefused,
    VisionStarting,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.caller import CallLimits
from app.services.connect import connected
from app.services.deadline import answer_within, left_s
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from app.services.vision import Progress
from app.settings import Settings
from tests.fakes import Clock, FakeService, Step, completion, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
DONE = httpx.Response(200, json=completion())
COLD = httpx.Response(503, json={"error": {"message": "no GPU yet", "state": "cold"}})


def client_of(
    *steps: Step, clock: Clock | None = None, limits: CallLimits | None = None, **endpoint: Any
) -> tuple[ModalServiceClient, FakeService]:
    service, clock = FakeService(steps), clock or Clock()
    where = Endpoint("http://vqa", "m", **{"transport": service.transport, **endpoint})
    retry = RetryPolicy(sleep=clock.sleep, jitter=lambda: 0.5)
    return ModalServiceClient(where, where, retry, limits=limits, now=clock.now), service


async def slow(_request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(5)
    return DONE


async def test_no_call_outlasts_the_requests_deadline() -> None:
    endpoint = Endpoint("http://vqa", "m", 120, transport=httpx.MockTransport(slow))
    began = time.monotonic()
    async with ModalServiceClient(endpoint, endpoint) as client:
        with answer_within(0.2), pytest.raises(VisionTimeout):
            await client.call_vqa(IMAGE, "?")
    assert 0.15 < time.monotonic() - began < 0.4


async def test_an_attempt_gets_what_is_left_of_the_deadline() -> None:
    clock = Clock()

    def busy_for_three_seconds(_request: httpx.Request) -> httpx.Response:
        clock.time_s += 3
        return httpx.Response(503, headers={"Retry-After": "1"})

    client, service = client_of(busy_for_three_seconds, clock=clock)
    async with client:
        with answer_within(10, clock.now), pytest.raises(VisionUnavailable):
            await client.call_vqa(IMAGE, "?")
    left = [request.extensions["timeout"]["read"] for request in service.requests]
    assert left == [10, 6, 2]


async def test_a_deadline_reaches_tasks_and_the_nearer_one_stands() -> None:
    clock = Clock()

    async def ask() -> float:
        return left_s()

    with answer_within(10, clock.now), answer_within(60, clock.now), answer_within(None):
        assert await asyncio.create_task(ask()) == 10
        with answer_within(4, clock.now):
            assert tuple(await asyncio.gather(ask(), ask())) == (4, 4)
        assert left_s() == 10
    assert left_s() == float("inf")


async def test_nothing_is_sent_after_the_deadline() -> None:
    clock = Clock()
    client, service = client_of(DONE, clock=clock)
    async with client:
        with answer_within(1, clock.now):
            clock.time_s += 2
            with pytest.raises(VisionTimeout):
                await client.call_vqa(IMAGE, "?")
    assert service.requests == []


async def test_a_dead_service_is_left_alone_and_the_next_answer_comes_at_once() -> None:
    clock = Clock()
    client, service = client_of(httpx.ConnectError("refused"), clock=clock)
    async with client:
        for _ in range(3):
            with pytest.raises(VisionUnavailable):
                await client.call_vqa(IMAGE, "?")
        assert client.breaker_state("vqa") == "open"
        assert client.breaker_state("captioning") == "closed"
        sent, began = len(service.requests), time.perf_counter()
        with pytest.raises(VisionBreakerOpen) as caught:
            await client.call_vqa(IMAGE, "?")
        assert time.perf_counter() - began < 0.05
        health = await client.health("vqa")
    assert sent == 10
    assert (caught.value.retry_after_s, caught.value.attempts) == (4.5, 0)
    assert (health["state"], health["breaker"]) == ("down", "open")


async def test_a_service_that_returns_is_found_by_one_probe() -> None:
    clock = Clock()
    client, service = client_of(*[httpx.ConnectError("refused")] * 10, DONE, clock=clock)
    async with client:
        for _ in range(3):
            with pytest.raises(VisionUnavailable):
                await client.call_vqa(IMAGE, "?")
        assert client.breaker_state("vqa") == "open"
        clock.time_s += 5
        assert (await client.call_vqa(IMAGE, "?"))["attempts"] == 1
        assert client.breaker_state("vqa") == "closed"
    assert len(service.requests) == 11


async def test_an_outage_of_503s_is_not_multiplied_and_then_left_alone() -> None:
    client, service = client_of(httpx.Response(503))
    async with client:
        for _ in range(100):
            with pytest.raises(VisionUnavailable) as caught:
                await client.call_vqa(IMAGE, "?")
            assert caught.value.retry_after_s
    assert len(service.requests) < 100


async def test_hurried_callers_do_not_open_the_breaker_for_the_others() -> None:
    endpoint = Endpoint("http://vqa", "m", 120, transport=httpx.MockTransport(slow))
    async with ModalServiceClient(endpoint, endpoint) as client:

        async def hurried() -> None:
            with answer_within(0.01), pytest.raises(VisionTimeout):
                await client.call_vqa(IMAGE, "?")

        await asyncio.gather(*(hurried() for _ in range(40)))
        assert client.breaker_state("vqa") == "closed"


async def test_beyond_the_queue_a_question_is_refused_at_once() -> None:
    async def answer(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.05)
        return DONE

    heard: list[Progress] = []
    client, _ = client_of(
        limits=CallLimits(at_once=2, waiting=3), transport=httpx.MockTransport(answer)
    )
    async with client:
        calls = [client.call_vqa(IMAGE, "?", on_progress=heard.append) for _ in range(10)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, VisionOverloaded)]
    assert len(refused) == 5
    assert all(error.retry_after_s and error.attempts == 0 for error in refused)
    assert [event.kind for event in heard].count("queued") == 3


async def test_a_model_that_loads_is_waited_for_and_the_caller_is_told() -> None:
    loading = httpx.Response(503, json={"error": {"code": 503, "message": "Loading model"}})
    clock, heard = Clock(), list[Progress]()
    client, _ = client_of(*[COLD] * 6, *[loading] * 6, DONE, clock=clock)
    async with client:
        reply = await client.call_vqa(IMAGE, "?", on_progress=heard.append)
        assert client.breaker_state("vqa") == "closed"
    assert reply["attempts"] == 13
    cold = [event for event in heard if event.kind == "cold"]
    assert [event.message for event in cold] == ["The model is starting."] * 12
    assert [event.wait_s for event in cold] == clock.slept_s


async def test_a_model_that_never_loads_ends_with_the_deadline() -> None:
    client, _ = client_of(COLD)
    async with client:
        with pytest.raises(VisionStarting):
            await client.call_vqa(IMAGE, "?")


async def test_retries_are_told() -> None:
    heard: list[Progress] = []
    client, _ = client_of(httpx.Response(503), DONE)
    async with client:
        await client.call_vqa(IMAGE, "?", on_progress=heard.append)
    assert [event.kind for event in heard] == ["attempt", "retry", "attempt"]
    assert (heard[1].service, heard[1].wait_s) == ("vqa", 0.25)


async def test_a_long_wait_is_told_as_a_model_that_may_be_starting() -> None:
    async def answer(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.05)
        return DONE

    heard: list[Progress] = []
    client, _ = client_of(limits=CallLimits(slow_s=0.01), transport=httpx.MockTransport(answer))
    async with client:
        await client.call_vqa(IMAGE, "?", on_progress=heard.append)
    assert [event.kind for event in heard] == ["attempt", "cold"]
    assert "may be starting" in heard[1].message


async def test_warming_up_asks_a_cold_model_for_one_token() -> None:
    cold = httpx.Response(200, json={"status": "ok", "state": "cold"})
    ready = httpx.Response(200, json={"status": "ok", "state": "ready"})
    client, service = client_of(cold, COLD, DONE, ready)
    async with client:
        assert (await client.warm_up("vqa"))["state"] == "ready"
    assert service.bodies[-1]["max_tokens"] == 1
    assert service.bodies[-1]["messages"][0]["content"] == [{"type": "text", "text": "Hello"}]
    assert len(service.requests) == 4


@pytest.mark.parametrize("step", [httpx.Response(200), httpx.ConnectError("refused")])
async def test_warming_up_leaves_a_ready_or_dead_service_alone(step: Any) -> None:
    client, service = client_of(step)
    async with client:
        await client.warm_up("captioning")
    assert len(service.requests) == 1


MODAL = {"Modal-Key": "wk-1", "Modal-Secret": "ws-1"}


async def test_modals_proxy_keys_are_sent_and_survive_a_redirect_on_the_same_host() -> None:
    moved = httpx.Response(303, headers={"Location": "http://vqa/result?id=1"})
    client, service = client_of(moved, DONE, headers=MODAL, api_key="key")
    async with client:
        await client.call_vqa(IMAGE, "?")
    assert [request.headers["modal-secret"] for request in service.requests] == ["ws-1"] * 2


@pytest.mark.parametrize(
    "elsewhere", ["http://evil/", "http://vqa:81/", "//evil", "http://vqa.evil/v1", "ftp://vqa/"]
)
@pytest.mark.parametrize("status", [302, 303, 307, 308])
async def test_a_redirect_elsewhere_is_never_followed(elsewhere: str, status: int) -> None:
    client, service = client_of(
        httpx.Response(status, headers={"Location": elsewhere}), headers=MODAL
    )
    async with client:
        with pytest.raises(VisionError):
            await client.call_vqa(IMAGE, "?")
    assert {request.url.host for request in service.requests} == {"vqa"}
    assert {request.url.port for request in service.requests} == {None}


async def test_twenty_redirects_are_followed_and_no_more() -> None:
    on = httpx.Response(303, headers={"Location": "/again"})
    client, _ = client_of(*[on] * 20, DONE)
    async with client:
        assert (await client.call_vqa(IMAGE, "?"))["answer"] == "Three ships."
    client, service = client_of(on)
    async with client:
        with pytest.raises(VisionRefused, match="redirect"):
            await client.call_vqa(IMAGE, "?")
    assert len(service.requests) == 21


async def test_the_settings_reach_the_calls(tmp_path: Any) -> None:
    settings = Settings(
        vqa_base_url="https://vqa.test",
        modal_key="wk-1",
        modal_secret="ws-1",
        sync_limit=90,
        service_concurrency=3,
        data_dir=tmp_path,
        _env_file=None,
    )
    async with connected(settings) as client:
        vqa, embedded = client._callers["vqa"], client._callers["captioning"]
    assert vqa.endpoint.sync_limit_s == 90
    assert vqa.http.headers["modal-key"] == "wk-1"
    assert "modal-key" not in embedded.http.headers
    assert embedded.endpoint.sync_limit_s == float("inf")
    assert "ws-1" not in repr(vqa.endpoint) + repr(settings)
