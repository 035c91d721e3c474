from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.errors import JobMissing, VisionFailed, VisionUnavailable
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from app.services.vision import Progress
from tests.fakes import Clock, FakeService, Step, completion, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
SUBMIT = "/v1/chat/completions/async"
PENDING = httpx.Response(202, json={"call_id": "fc-abc", "status": "pending", "model": "m"})
DONE = httpx.Response(200, json=completion())
GONE = httpx.Response(404, json={"error": "Job expired or not found"})


def ticket(call_id: str = "fc-abc") -> httpx.Response:
    return httpx.Response(202, json={"call_id": call_id, "status": "pending", "model": "m"})


def client_of(
    *steps: Step, clock: Clock | None = None, sync_limit_s: float = 120, timeout_s: float = 600
) -> tuple[ModalServiceClient, FakeService]:
    service, clock = FakeService(steps), clock or Clock()
    endpoint = Endpoint(
        "http://vqa", "m", timeout_s, sync_limit_s=sync_limit_s, transport=service.transport
    )
    retry = RetryPolicy(sleep=clock.sleep, jitter=lambda: 0.5)
    return ModalServiceClient(endpoint, endpoint, retry, now=clock.now), service


def paths(service: FakeService) -> list[str]:
    return [request.url.path.removeprefix("/v1/chat/completions") for request in service.requests]


async def test_a_call_that_may_outlast_modals_limit_goes_as_a_job() -> None:
    client, service = client_of(ticket(), PENDING, DONE)
    async with client:
        reply = await client.call_vqa(IMAGE, "How many ships?", "counting")
    assert (reply["answer"], reply["vqa_type"]) == ("Three ships.", "counting")
    assert reply["detail"]["call_id"] == "fc-abc"
    assert paths(service) == ["/async", "/status/fc-abc", "/status/fc-abc"]


async def test_a_description_goes_as_a_job_too() -> None:
    client, service = client_of(ticket(), DONE, ticket(), DONE)
    async with client:
        assert (await client.call_captioning(IMAGE))["caption"] == "Three ships."
        call_id = await client.call_captioning_async(IMAGE)
        assert (await client.poll_captioning_result(call_id))["caption"] == "Three ships."
    assert service.requests[0].url.path == SUBMIT


async def test_a_call_within_the_limit_stays_one_request() -> None:
    client, service = client_of(DONE, timeout_s=120)
    async with client:
        await client.call_vqa(IMAGE, "?")
    assert paths(service) == [""]


BARE = [
    httpx.Response(404, json={"detail": "Not Found"}),  # vLLM
    httpx.Response(404, text="404 page not found"),  # Ollama
    httpx.Response(404, json={"error": {"code": 404, "message": "File Not Found"}}),  # llama-server
    httpx.Response(405, json={"detail": "Method Not Allowed"}),
    httpx.Response(200, json={"error": "Unexpected endpoint or method."}),  # LM Studio
]


@pytest.mark.parametrize("answer", BARE)
async def test_a_bare_server_is_asked_for_jobs_once_and_then_directly(answer: Any) -> None:
    client, service = client_of(answer, DONE)
    async with client:
        assert (await client.call_vqa(IMAGE, "?"))["answer"] == "Three ships."
        assert (await client.call_vqa(IMAGE, "?"))["answer"] == "Three ships."
    assert paths(service) == ["/async", "", ""]


async def test_waits_grow_and_are_never_shorter_than_the_service_asks() -> None:
    clock = Clock()
    asks = httpx.Response(202, headers={"Retry-After": "3"})
    client, _ = client_of(ticket(), *[PENDING] * 8, asks, DONE, clock=clock)
    async with client:
        await client.call_vqa(IMAGE, "?")
    assert clock.slept_s[:3] == [0.5, 0.75, 1.125]
    assert clock.slept_s[-3:] == [5, 5, 5]
    clock = Clock()
    client, _ = client_of(ticket(), asks, DONE, clock=clock)
    async with client:
        await client.call_vqa(IMAGE, "?")
    assert clock.slept_s == [3]


async def test_the_call_id_is_handed_over_before_the_job_is_asked_about() -> None:
    client, service = client_of(ticket(), DONE)
    seen: list[tuple[str, int]] = []

    async def keep(call_id: str) -> None:
        seen.append((call_id, len(service.requests)))

    async with client:
        await client.call_vqa(IMAGE, "?", on_submitted=keep)
    assert seen == [("fc-abc", 1)]


async def test_a_job_is_submitted_with_its_key_and_again_with_the_same() -> None:
    client, service = client_of(httpx.Response(503), ticket(), DONE)
    async with client:
        await client.call_vqa(IMAGE, "?", submit_key="turn/0")
    keys = [request.headers.get("Idempotency-Key") for request in service.requests]
    assert keys == ["turn/0", "turn/0", None]


async def test_a_known_call_id_is_waited_for_and_nothing_is_submitted() -> None:
    client, service = client_of(PENDING, DONE)
    async with client:
        reply = await client.call_vqa(IMAGE, "?", call_id="fc-kept")
    assert reply["answer"] == "Three ships."
    assert paths(service) == ["/status/fc-kept"] * 2


async def test_a_lost_job_is_submitted_once_more_and_the_answer_says_so() -> None:
    client, service = client_of(ticket("fc-1"), GONE, ticket("fc-2"), DONE)
    kept: list[str] = []
    heard: list[Progress] = []

    async def keep(call_id: str) -> None:
        kept.append(call_id)

    async with client:
        reply = await client.call_vqa(IMAGE, "?", on_submitted=keep, on_progress=heard.append)
    assert kept == ["fc-1", "fc-2"]
    assert reply["detail"]["note"] == "The job fc-1 was lost and submitted again."
    assert "The job fc-1 was lost; it is submitted again." in [event.message for event in heard]
    assert paths(service) == ["/async", "/status/fc-1", "/async", "/status/fc-2"]


async def test_a_job_that_is_lost_twice_is_missing() -> None:
    client, service = client_of(ticket("fc-1"), GONE, ticket("fc-2"), GONE)
    async with client:
        with pytest.raises(JobMissing):
            await client.call_vqa(IMAGE, "?")
    assert len(service.requests) == 4


async def test_a_job_that_failed_is_not_asked_about_again() -> None:
    failed = httpx.Response(500, json={"error": "no memory", "traceback": "secret"})
    client, service = client_of(ticket(), failed)
    async with client:
        with pytest.raises(VisionFailed, match="no memory"):
            await client.call_vqa(IMAGE, "?")
    assert len(service.requests) == 2


async def test_a_service_that_restarts_keeps_its_job_and_its_client() -> None:
    away = [httpx.ConnectError("refused")] * 12
    client, _ = client_of(ticket(), PENDING, *away, PENDING, DONE)
    async with client:
        assert (await client.call_vqa(IMAGE, "?"))["answer"] == "Three ships."


async def test_a_service_that_stays_away_is_given_up() -> None:
    clock = Clock()
    client, _ = client_of(ticket(), PENDING, httpx.ConnectError("refused"), clock=clock)
    began = clock.now()
    async with client:
        with pytest.raises(VisionUnavailable):
            await client.call_vqa(IMAGE, "?")
    assert 60 <= clock.now() - began <= 90
