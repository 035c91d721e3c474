from __future__ import annotations

import time

import httpx
import pytest

from tests.modal_services.conformance.deployments import (
    CHAT,
    STORES,
    Live,
    body,
    image,
    on,
    text,
)
from tests.modal_services.conformance.live import until
from tests.modal_services.conformance.talker import FAIL, TIME_OUT, WAIT

everywhere = on("measure", "scripted", "upstream", stores=STORES)
talkers = on("scripted", "upstream", stores=STORES)


def ended(service: Live, call_id: str) -> httpx.Response:
    until(lambda: service.status(call_id).status_code != 202)
    return service.status(call_id)


@everywhere
def test_a_job_is_taken_with_a_ticket(service: Live) -> None:
    answer = service.http.post(CHAT + "/async", json=body())
    ticket = answer.json()
    assert answer.status_code == 202
    assert answer.headers["retry-after"] == "2"
    assert set(ticket) == {"call_id", "status", "model"}
    assert ticket["call_id"].startswith("fc-")
    assert ticket["status"] == "pending"
    ended(service, ticket["call_id"])


@everywhere
def test_a_job_answers_what_a_call_answers(service: Live) -> None:
    answer = ended(service, service.submit()).json()
    called = service.ask().json()
    for fresh in ("id", "created"):
        assert answer.pop(fresh)
        called.pop(fresh)
    if "engine" in called["swath"]:
        assert answer["choices"] == called["choices"]
        assert answer["usage"] == called["usage"]


@everywhere
def test_a_job_can_be_asked_for_again(service: Live) -> None:
    call_id = service.submit()
    assert ended(service, call_id).json() == service.status(call_id).json()


@everywhere
@pytest.mark.parametrize("call_id", ["fc-madeup", "garbage", "fc-", "fc-a_b", "ap-123"])
def test_a_job_that_nobody_knows_is_a_404_with_a_reason(service: Live, call_id: str) -> None:
    answer = service.status(call_id)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}
    assert service.http.delete(f"{CHAT}/status/{call_id}").status_code == 404


@everywhere
def test_a_bad_job_fails_at_once(service: Live) -> None:
    for bad in (
        body(model="gpt-9"),
        body(text("?"), image("file:///etc/passwd")),
        body(stream=True),
        body(tools=[{"type": "function"}]),
    ):
        answer = service.http.post(CHAT + "/async", json=bad)
        assert answer.status_code in (400, 404)
        assert answer.json()["error"]["param"]


@on("measure", stores=("memory", "sqlite"))
def test_a_job_that_the_engine_cannot_do_fails_at_once(service: Live) -> None:
    answer = service.http.post(CHAT + "/async", json=body(logprobs=True))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "logprobs")


@talkers
@pytest.mark.parametrize("question", [FAIL, TIME_OUT])
def test_a_job_that_fails_is_a_500_and_never_pending(service: Live, question: str) -> None:
    answer = ended(service, service.submit(question))
    assert answer.status_code == 500
    assert isinstance(answer.json()["error"], str)
    assert "traceback" not in answer.json()


@talkers
def test_a_job_keeps_all_that_was_asked(service: Live) -> None:
    choices = ended(service, service.submit(n=2, temperature=1, seed=3)).json()["choices"]
    called = service.ask(n=2, temperature=1, seed=3).json()["choices"]
    assert choices == called
    limited = ended(service, service.submit(max_tokens=2)).json()
    assert limited["choices"][0]["finish_reason"] == "length"
    chosen = ended(service, service.submit(structured_outputs={"choice": ["no"]})).json()
    assert chosen["choices"][0]["message"]["content"] == "no"


@talkers
def test_a_job_that_runs_is_pending_and_says_when_to_ask_again(service: Live) -> None:
    call_id = service.submit(WAIT)
    answer = service.status(call_id)
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "2")
    assert answer.json()["call_id"] == call_id
    service.http.delete(f"{CHAT}/status/{call_id}")


@talkers
def test_a_cancelled_job_stops_its_work_and_says_so(service: Live) -> None:
    before = len(service.talker.stopped)
    call_id = service.submit(WAIT)
    time.sleep(0.2)  # until it runs
    answer = service.http.delete(f"{CHAT}/status/{call_id}")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    ending = ended(service, call_id)
    assert (ending.status_code, ending.json()["error"]) == (500, "The job was cancelled.")
    until(lambda: len(service.talker.stopped) > before)


@everywhere
def test_a_job_that_has_ended_cannot_be_cancelled(service: Live) -> None:
    call_id = service.submit()
    whole = ended(service, call_id)
    assert service.http.delete(f"{CHAT}/status/{call_id}").status_code == 409
    assert service.status(call_id).json() == whole.json()
