from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.modal_services.conformance.deployments import (
    ALL,
    CHAT,
    MODELS,
    TALKERS,
    Live,
    body,
    error_of,
    on,
)
from tests.modal_services.conformance.live import until
from tests.modal_services.conformance.talker import BREAK_OFF, FAIL, WAIT


def events(answer: httpx.Response) -> list[Any]:
    """The events of a stream; [DONE] is a string."""
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    blocks = answer.text.split("\n\n")
    assert blocks.pop() == ""
    found = [block.removeprefix("data: ") for block in blocks]
    return [event if event == "[DONE]" else json.loads(event) for event in found]


def words(stream: list[Any], index: int = 0) -> str:
    return "".join(
        choice["delta"].get("content", "")
        for event in stream
        if event != "[DONE]"
        for choice in event["choices"]
        if choice["index"] == index
    )


@on(*ALL)
def test_a_stream_begins_with_the_role_and_ends_with_done(service: Live) -> None:
    stream = events(service.ask(stream=True))
    assert stream[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert stream[-1] == "[DONE]"
    reasons = [event["choices"][0]["finish_reason"] for event in stream[:-1]]
    assert reasons[-1] in ("stop", "length")
    assert set(reasons[:-1]) == {None}


@on(*ALL)
def test_the_pieces_of_a_stream_share_one_id(service: Live) -> None:
    stream = events(service.ask(stream=True))[:-1]
    assert {event["object"] for event in stream} == {"chat.completion.chunk"}
    assert len({(event["id"], event["created"], event["model"]) for event in stream}) == 1
    assert stream[0]["id"].startswith("chatcmpl-")


@on(*ALL)
def test_a_stream_says_what_a_whole_answer_says(service: Live) -> None:
    assert words(events(service.ask(stream=True))) == service.text()


@on("measure", "scripted", stores=("modal",))
def test_a_worker_elsewhere_streams_what_it_answers(service: Live) -> None:
    stream = events(service.ask(stream=True, stream_options={"include_usage": True}))
    assert words(stream) == service.text()
    assert stream[-2]["usage"] == service.ask().json()["usage"]


@on(*MODELS)
def test_an_answer_comes_in_pieces(service: Live) -> None:
    assert len(events(service.ask(stream=True, max_tokens=8))) > 6


@on(*ALL)
def test_usage_comes_last_where_it_is_asked_for(service: Live) -> None:
    stream = events(service.ask(stream=True, stream_options={"include_usage": True}))
    last = stream[-2]
    assert last["choices"] == []
    assert last["usage"] == service.ask().json()["usage"]


@on(*ALL)
def test_usage_is_absent_where_it_is_not_asked_for(service: Live) -> None:
    stream = events(service.ask(stream=True))[:-1]
    assert not any("usage" in event for event in stream)


@on(*ALL)
def test_options_without_a_stream_are_a_400(service: Live) -> None:
    answer = service.ask(stream_options={"include_usage": True})
    assert (answer.status_code, error_of(answer)["param"]) == (400, "stream_options")


@on(*MODELS)
def test_a_stream_cut_by_its_limit_says_length(service: Live) -> None:
    stream = events(service.ask(stream=True, max_tokens=2))
    assert stream[-2]["choices"][0]["finish_reason"] == "length"


@on(*TALKERS)
def test_several_answers_stream_one_after_the_other(service: Live) -> None:
    options = {"include_usage": True}
    stream = events(service.ask(stream=True, n=2, temperature=1, seed=3, stream_options=options))
    whole = service.ask(n=2, temperature=1, seed=3).json()
    assert [words(stream, index) for index in (0, 1)] == [
        choice["message"]["content"] for choice in whole["choices"]
    ]
    assert stream[-2]["usage"] == whole["usage"]


@on("vllm")
def test_probabilities_stream_too(service: Live) -> None:
    stream = events(service.ask(stream=True, logprobs=True, max_tokens=4))[:-1]
    told = [choice.get("logprobs") for event in stream for choice in event["choices"]]
    assert sum(len(each["content"]) for each in told if each) == 4


@on(*ALL)
def test_a_fault_before_the_first_piece_is_an_answer_of_its_own(service: Live) -> None:
    answer = service.ask(stream=True, model="gpt-9")
    assert answer.status_code == 404
    assert error_of(answer)["param"] == "model"


@on(*TALKERS)
def test_a_model_that_fails_before_the_first_piece_has_its_status(service: Live) -> None:
    answer = service.ask(FAIL, stream=True)
    assert answer.status_code == 502
    assert "as it was asked to" in error_of(answer)["message"]


@on(*TALKERS)
def test_a_fault_after_the_first_piece_is_an_event_and_the_end(service: Live) -> None:
    answer = service.ask(BREAK_OFF, stream=True)
    assert answer.status_code == 200
    stream = events(answer)
    assert "as it was asked to" in stream[-1]["error"]["message"]
    assert set(stream[-1]["error"]) == {"message", "type", "param", "code"}
    assert stream[-2]["choices"][0]["delta"]["content"]


@on(*TALKERS)
def test_a_caller_who_leaves_a_stream_stops_the_work(service: Live) -> None:
    before = len(service.talker.stopped)
    sent = body(WAIT, stream=True)
    with service.http.stream("POST", CHAT, json=sent) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("data: ")
    until(lambda: len(service.talker.stopped) == before + 1)


@on(*TALKERS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_who_does_not_wait_stops_the_work(service: Live, stream: bool) -> None:
    before = len(service.talker.stopped)
    with (
        pytest.raises(httpx.ReadTimeout),
        service.http.stream("POST", CHAT, json=body(WAIT, stream=stream), timeout=0.3) as answer,
    ):
        answer.read()
    until(lambda: len(service.talker.stopped) == before + 1)
