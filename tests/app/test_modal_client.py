from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.errors import (
    JobMissing,
    VisionError,
    VisionFailed,
    VisionRefused,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.batch import BatchAnswer, process_batch_vqa
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from tests.fakes import Clock, FakeService, completion, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
TICKET = httpx.Response(200, json={"call_id": "fc-abc", "status": "pending", "model": "m"})
PENDING = httpx.Response(202, json={"call_id": "fc-abc", "status": "pending", "model": "m"})
DONE = httpx.Response(200, json=completion())
GONE = httpx.Response(404, json={"error": "Job expired or not found"})


def client_of(
    vqa: FakeService, captioning: FakeService | None = None, clock: Clock | None = None
) -> ModalServiceClient:
    clock = clock or Clock()
    return ModalServiceClient(
        Endpoint("http://vqa", "qwen-vqa-special", 30, "key", transport=vqa.transport),
        Endpoint(
            "http://captioning",
            "qwen-caption-special",
            60,
            transport=(captioning or FakeService()).transport,
        ),
        RetryPolicy(sleep=clock.sleep, jitter=lambda: 0.5),
        now=clock.now,
    )


async def test_a_question_is_sent_as_the_guide_says_with_the_picture_first() -> None:
    service = FakeService()
    async with client_of(service) as client:
        reply = await client.call_vqa(IMAGE, "How many ships?", "counting", max_tokens=64)
    assert reply["answer"] == "Three ships."
    assert reply["vqa_type"] == "counting"
    assert (reply["model"], reply["engine"], reply["attempts"]) == ("a-vlm", "a-vlm", 1)
    assert service.requests[0].url == "http://vqa/v1/chat/completions"
    assert service.requests[0].headers["authorization"] == "Bearer key"
    assert service.bodies == [
        {
            "model": "qwen-vqa-special",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": IMAGE}},
                        {"type": "text", "text": "How many ships?"},
                    ],
                }
            ],
            "max_tokens": 64,
            "temperature": 0.0,
        }
    ]


async def test_a_description_is_asked_of_the_other_service_with_the_callers_words() -> None:
    vqa, captioning = FakeService(), FakeService()
    async with client_of(vqa, captioning) as client:
        reply = await client.call_captioning(IMAGE, "Describe it in ten words.")
    assert reply["caption"] == "Three ships."
    assert vqa.requests == []
    sent = captioning.bodies[0]
    assert (sent["model"], sent["max_tokens"]) == ("qwen-caption-special", 512)
    assert sent["messages"][0]["content"][1]["text"] == "Describe it in ten words."


async def test_a_service_of_swath_tells_its_engine() -> None:
    answer = completion(swath={"engine": "measure", "answered": False})
    async with client_of(FakeService([httpx.Response(200, json=answer)])) as client:
        reply = await client.call_vqa(IMAGE, "?")
    assert reply["engine"] == "measure"
    assert reply["detail"]["answered"] is False
    assert reply["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


async def test_a_bare_server_without_usage_is_understood() -> None:
    answer = completion()
    answer["usage"] = None
    async with client_of(FakeService([httpx.Response(200, json=answer)])) as client:
        assert "usage" not in await client.call_vqa(IMAGE, "?")


async def test_a_busy_service_is_asked_again_and_the_attempts_are_told() -> None:
    service = FakeService([httpx.Response(503), httpx.ReadError("closed"), DONE])
    async with client_of(service) as client:
        reply = await client.call_vqa(IMAGE, "?")
    assert reply["attempts"] == 3


FAULTS: list[tuple[Any, type[VisionError], int]] = [
    (httpx.Response(400, json={"error": {"message": "bad"}}), VisionRefused, 1),
    (httpx.Response(401, json={"error": "Unauthorized"}), VisionRefused, 1),
    (httpx.Response(404, json={"detail": "Not Found"}), VisionRefused, 1),
    (httpx.Response(429), VisionUnavailable, 4),
    (httpx.Response(500, json={"error": "broken", "traceback": "secret"}), VisionFailed, 1),
    (httpx.Response(503), VisionUnavailable, 4),
    (httpx.Response(504), VisionTimeout, 4),
    (httpx.ConnectError("refused"), VisionUnavailable, 4),
    (httpx.ReadTimeout("slow"), VisionTimeout, 4),
    (httpx.TooManyRedirects("round and round"), VisionRefused, 1),
    (httpx.RemoteProtocolError("not HTTP"), VisionUnavailable, 4),
    (httpx.Response(200, text="<html>"), VisionFailed, 1),
    (httpx.Response(200, text='{"choices": [{"message": {"content": "Thr'), VisionUnavailable, 4),
    (httpx.Response(200, content='{"choices": ["é'.encode()[:-1]), VisionUnavailable, 4),
    (httpx.Response(200, text='{"choices": "no list"}'), VisionFailed, 1),
    (httpx.Response(200, json={"error": "Unexpected endpoint"}), VisionFailed, 1),
    (httpx.Response(200, json=completion("  ")), VisionFailed, 1),
    (httpx.Response(200, json={"choices": []}), VisionFailed, 1),
]


@pytest.mark.parametrize(("step", "kind", "calls"), FAULTS)
async def test_every_fault_is_one_of_ours_after_as_many_calls_as_make_sense(
    step: Any, kind: type[VisionError], calls: int
) -> None:
    service = FakeService([step])
    async with client_of(service) as client:
        with pytest.raises(VisionError) as caught:
            await client.call_vqa(IMAGE, "?")
    assert type(caught.value) is kind
    assert len(service.requests) == calls
    assert "secret" not in str(caught.value)


async def test_a_redirect_is_followed_as_modal_answers_after_150_seconds() -> None:
    service = FakeService([httpx.Response(303, headers={"Location": "/result"}), DONE])
    async with client_of(service) as client:
        assert (await client.call_vqa(IMAGE, "?"))["answer"] == "Three ships."
    assert [request.method for request in service.requests] == ["POST", "GET"]


async def test_each_service_has_its_own_timeout() -> None:
    vqa, captioning = FakeService(), FakeService()
    async with client_of(vqa, captioning) as client:
        await client.call_vqa(IMAGE, "?")
        await client.call_captioning(IMAGE)
    assert vqa.requests[0].extensions["timeout"]["read"] == 30
    assert captioning.requests[0].extensions["timeout"]["read"] == 60


async def test_a_service_that_drips_is_cut_off_at_the_deadline() -> None:
    async def drip(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return DONE

    endpoint = Endpoint("http://vqa", "m", 0.1, transport=httpx.MockTransport(drip))
    async with ModalServiceClient(endpoint, endpoint, RetryPolicy(max_attempts=1)) as client:
        with pytest.raises(VisionTimeout):
            await client.call_vqa(IMAGE, "?")


async def test_a_job_is_submitted_and_waited_for() -> None:
    service, clock = FakeService([TICKET, PENDING, PENDING, DONE]), Clock()
    async with client_of(service, clock=clock) as client:
        call_id = await client.call_vqa_async(IMAGE, "How many ships?")
        reply = await client.poll_vqa_result(call_id)
    assert (call_id, reply["answer"]) == ("fc-abc", "Three ships.")
    assert clock.slept_s == [0.5, 0.75]
    paths = [request.url.path for request in service.requests]
    assert paths == [
        "/v1/chat/completions/async",
        *["/v1/chat/completions/status/fc-abc"] * 3,
    ]


async def test_an_expired_job_is_missing_at_once() -> None:
    service = FakeService([GONE])
    async with client_of(service) as client:
        with pytest.raises(JobMissing):
            await client.poll_vqa_result("fc-abc")
    assert len(service.requests) == 1


async def test_a_job_that_never_ends_is_a_timeout() -> None:
    service = FakeService([PENDING])
    async with client_of(service) as client:
        with pytest.raises(VisionTimeout, match="not done after 300 s"):
            await client.poll_vqa_result("fc-abc", timeout=300)
    assert 60 < len(service.requests) < 70


@pytest.mark.parametrize("call_id", ["../../admin", "garbage", "", "fc-a/b"])
async def test_what_is_no_call_id_is_never_sent(call_id: str) -> None:
    service = FakeService()
    async with client_of(service) as client:
        with pytest.raises(JobMissing):
            await client.poll_vqa_result(call_id)
    assert service.requests == []


@pytest.mark.parametrize("body", [{}, {"call_id": 7}, [], "text"])
async def test_a_ticket_without_a_call_id_is_a_failure(body: Any) -> None:
    async with client_of(FakeService([httpx.Response(200, json=body)])) as client:
        with pytest.raises(VisionFailed):
            await client.call_vqa_async(IMAGE, "?")


async def test_a_batch_keeps_two_questions_on_one_image_and_ends_when_a_job_is_gone() -> None:
    jobs: dict[str, str] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            call_id = f"fc-{len(jobs)}"
            jobs[call_id] = request.content.decode()
            return httpx.Response(200, json={"call_id": call_id, "status": "pending", "model": "m"})
        call_id = request.url.path.rsplit("/", 1)[1]
        if "lost" in jobs[call_id]:
            return GONE
        return httpx.Response(
            200, json=completion("ships" if "ships" in jobs[call_id] else "water")
        )

    async with client_of(FakeService([answer])) as client:
        pairs = [(IMAGE, "ships?"), (IMAGE, "water?"), (IMAGE, "lost?")]
        answers = await process_batch_vqa(client, pairs)
    assert answers[:2] == [
        BatchAnswer(IMAGE, "ships?", "ships"),
        BatchAnswer(IMAGE, "water?", "water"),
    ]
    assert answers[2].answer is None
    assert isinstance(answers[2].error, JobMissing)


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (httpx.Response(200, json={"status": "ok", "state": "cold"}), "cold"),
        (httpx.Response(200), "ready"),
        (httpx.Response(200, text="OK"), "ready"),
        (httpx.Response(200, json={"state": ["odd"]}), "ready"),
        (httpx.Response(500, text="no"), "down"),
        (httpx.Response(503, json={"error": {"message": "Loading model"}}), "cold"),
        (httpx.TooManyRedirects("round and round"), "down"),
        (httpx.ConnectError("refused"), "down"),
    ],
)
async def test_health_understands_every_kind_of_server(step: Any, state: str) -> None:
    async with client_of(FakeService([step])) as client:
        assert (await client.health("vqa"))["state"] == state


async def test_a_server_without_a_health_route_is_asked_for_its_models() -> None:
    service = FakeService([httpx.Response(404, text="404 page not found"), httpx.Response(200)])
    async with client_of(service) as client:
        assert (await client.health("vqa"))["state"] == "ready"
    assert [request.url.path for request in service.requests] == ["/health", "/v1/models"]


async def test_a_batch_asks_a_server_without_jobs_directly() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/async"):
            return httpx.Response(404, text="404 page not found")
        return httpx.Response(200, json=completion("ships"))

    async with client_of(FakeService([answer])) as client:
        answers = await process_batch_vqa(client, [(IMAGE, "ships?")])
    assert answers == [BatchAnswer(IMAGE, "ships?", "ships")]


async def test_one_client_pools_connections_over_real_sockets() -> None:
    endpoint = Endpoint("http://127.0.0.1:1", "m", 1)
    async with ModalServiceClient(endpoint, endpoint, RetryPolicy(max_attempts=1)) as client:
        with pytest.raises(VisionUnavailable, match=r"127\.0\.0\.1:1 cannot be reached"):
            await client.call_vqa(IMAGE, "?")
