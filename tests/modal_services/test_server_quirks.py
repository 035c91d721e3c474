"""What servers do that differs, one test a row of docs/servers.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from modal_services.engine import (
    Delta,
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineRefused,
    Prompt,
    Reply,
    Sampling,
    Turn,
)
from modal_services.engines.upstream import UpstreamEngine
from tests.fakes import FakeService, Step, completion

pytestmark = pytest.mark.anyio

QUESTION = Prompt((Turn("user", ("How many ships?",)),))
OBJECT = {"message": "no ships here", "type": "BadRequestError", "param": "image", "code": 400}


def engine(*steps: Step) -> UpstreamEngine:
    transport = FakeService(list(steps)).transport
    return UpstreamEngine("http://127.0.0.1:1/v1", "qwen", transport=transport)


async def reply(*steps: Step, prompt: Prompt = QUESTION) -> Reply:
    return await engine(*steps).chat(prompt)


async def fault(*steps: Step, prompt: Prompt = QUESTION) -> EngineError:
    with pytest.raises(EngineError) as caught:
        await reply(*steps, prompt=prompt)
    return caught.value


async def pieces(*steps: Step) -> list[Delta]:
    return [delta async for delta in engine(*steps).stream(QUESTION)]


async def broken(*steps: Step) -> tuple[str, EngineError]:
    """What a stream said before it failed, and how."""
    said = ""
    try:
        async for delta in engine(*steps).stream(QUESTION):
            said += delta.text
    except EngineError as error:
        return said, error
    raise AssertionError("the stream did not fail")


async def health(*steps: Step) -> str:
    return (await engine(*steps).health()).state


def answer(**choice: Any) -> httpx.Response:
    body = completion()
    body["choices"][0] |= choice
    return httpx.Response(200, json=body)


def message(content: Any) -> httpx.Response:
    return answer(message={"role": "assistant", "content": content})


def answer_with(usage: Any) -> httpx.Response:
    return httpx.Response(200, json=completion(usage=usage))


def stream(*lines: str) -> httpx.Response:
    headers = {"content-type": "text/event-stream; charset=utf-8"}
    return httpx.Response(200, headers=headers, text="\n\n".join(lines) + "\n\n")


def word(text: str, **choice: Any) -> str:
    piece = {"index": 0, "delta": {"content": text}, **choice}
    return "data: " + json.dumps({"id": "chatcmpl-1", "choices": [piece]})


END = word("", finish_reason="stop")
USAGE = 'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}'
DONE = "data: [DONE]"


async def test_error_is_an_object_with_a_status_as_its_code() -> None:
    error = await fault(httpx.Response(400, json={"error": OBJECT}))
    assert isinstance(error, EngineRefused)
    assert error.param == "image"
    assert "no ships here" in str(error)


async def test_error_is_an_object_with_a_null_code() -> None:
    body = {"error": {"message": "bad", "type": "api_error", "param": None, "code": None}}
    error = await fault(httpx.Response(400, json=body))
    assert isinstance(error, EngineRefused)
    assert error.param is None


async def test_error_is_a_string() -> None:
    assert "Unauthorized" in str(await fault(httpx.Response(401, json={"error": "Unauthorized"})))


async def test_error_is_plain_text() -> None:
    error = await fault(httpx.Response(401, text="modal-http: missing credentials " + "x" * 999))
    assert "missing credentials" in str(error)
    assert len(str(error)) < 400


async def test_error_is_fastapis_detail() -> None:
    assert "Not Found" in str(await fault(httpx.Response(404, json={"detail": "Not Found"})))


async def test_error_is_empty() -> None:
    assert "502: nothing" in str(await fault(httpx.Response(502)))


async def test_the_model_is_not_found() -> None:
    body = {"error": {"message": 'model "x" not found, try pulling it first'}}
    error = await fault(httpx.Response(404, json=body))
    assert isinstance(error, EngineFailed)
    assert "try pulling it" in str(error)


async def test_pictures_are_not_supported() -> None:
    words = "image input is not supported by this server"
    error = await fault(httpx.Response(500, json={"error": {"code": 500, "message": words}}))
    assert isinstance(error, EngineFailed)
    assert words in str(error)


async def test_a_json_schema_is_not_supported() -> None:
    body = {"error": {"message": "response_format is not supported", "param": "response_format"}}
    error = await fault(httpx.Response(400, json=body))
    assert isinstance(error, EngineRefused)
    assert error.param == "response_format"


async def test_a_choice_is_ignored() -> None:
    asked = Prompt(QUESTION.turns, Sampling(choice=("yes", "no")))
    error = await fault(message("Well, it depends."), prompt=asked)
    assert isinstance(error, EngineRefused)
    assert error.param == "structured_outputs"
    assert (await reply(message("yes"), prompt=asked)).text == "yes"


async def test_503_says_when_to_come_back() -> None:
    error = await fault(httpx.Response(503, headers={"Retry-After": "7"}, text="cold"))
    assert isinstance(error, EngineBusy)
    assert error.retry_after_s == 7


async def test_303_after_a_long_wait() -> None:
    again = httpx.Response(303, headers={"Location": "/v1/chat/completions?attempt=2"})
    assert (await reply(again, again, message("Three ships."))).text == "Three ships."


async def test_303_without_end() -> None:
    again = httpx.Response(303, headers={"Location": "/v1/chat/completions"})
    assert isinstance(await fault(again), EngineFailed)


@pytest.mark.parametrize("usage", [None, {}])
async def test_usage_is_missing(usage: Any) -> None:
    assert (await reply(answer_with(usage))).usage is None


async def test_usage_has_nulls() -> None:
    said = await reply(answer_with({"prompt_tokens": None, "completion_tokens": None}))
    assert said.usage is None


async def test_content_is_null() -> None:
    body = answer(message={"role": "assistant", "content": None}, finish_reason="length")
    said = await reply(body)
    assert (said.text, said.finish_reason) == ("", "length")


async def test_content_is_a_list_of_parts() -> None:
    parts = [{"type": "text", "text": "Three "}, {"type": "text", "text": "ships."}, "?"]
    assert (await reply(message(parts))).text == "Three ships."


async def test_finish_reason_is_null() -> None:
    assert (await reply(answer(finish_reason=None))).finish_reason == "stop"


@pytest.mark.parametrize("reason", ["abort", "error"])
async def test_finish_reason_is_an_abort(reason: str) -> None:
    assert isinstance(await fault(answer(finish_reason=reason)), EngineFailed)


async def test_extra_fields_are_there() -> None:
    extra = {"role": "assistant", "content": "Three.", "reasoning_content": "Hm.", "refusal": None}
    body = completion(timings={"prompt_ms": 1}, system_fingerprint=None)
    body["choices"][0] |= {"message": extra, "matched_stop": 151645}
    assert (await reply(httpx.Response(200, json=body))).text == "Three."


async def test_the_connection_dies_before_an_answer() -> None:
    for death in (httpx.ReadError("reset"), httpx.RemoteProtocolError("closed")):
        assert isinstance(await fault(death), EngineBusy)
        said, error = await broken(death)
        assert said == ""
        assert isinstance(error, EngineError)


async def test_a_stream_has_comments_and_no_spaces() -> None:
    lines = (": ping", "event: message", word("Three ").replace("data: ", "data:"), END, DONE)
    assert "".join(delta.text for delta in await pieces(stream(*lines))) == "Three "


@pytest.mark.parametrize("code", [500, "500", None, "server_error"])
async def test_a_stream_tells_an_error_in_an_event(code: Any) -> None:
    event = "data: " + json.dumps({"error": {"message": "out of memory", "code": code}})
    said, error = await broken(stream(word("Three "), event))
    assert said == "Three "
    assert isinstance(error, EngineFailed)
    assert "out of memory" in str(error)


async def test_a_stream_tells_an_error_in_a_line_of_its_own() -> None:
    line = 'error: {"code": 400, "message": "context is full", "type": "invalid_request_error"}'
    said, error = await broken(stream(word("Three "), line))
    assert said == "Three "
    assert isinstance(error, EngineRefused)


async def test_a_stream_ends_without_done() -> None:
    *_, last = await pieces(stream(word("Three "), END, USAGE))
    assert last.finish_reason == "stop"
    assert last.usage is not None


@pytest.mark.parametrize("lines", [(word("Three "),), (word("Three "), DONE)])
async def test_a_stream_breaks_off(lines: tuple[str, ...]) -> None:
    said, error = await broken(stream(*lines))
    assert said == "Three "
    assert isinstance(error, EngineFailed)


@pytest.mark.parametrize("line", ["data: {", "data: []", 'data: {"choices": 3}'])
async def test_a_stream_sends_what_is_no_piece(line: str) -> None:
    _, error = await broken(stream(line))
    assert isinstance(error, EngineFailed)


async def test_a_stream_tells_no_usage() -> None:
    *_, last = await pieces(stream(word("Three "), END, DONE))
    assert (last.finish_reason, last.usage) == ("stop", None)


async def test_a_stream_is_not_made_at_all() -> None:
    (only,) = await pieces(message("Three ships."))
    assert (only.text, only.finish_reason) == ("Three ships.", "stop")


@pytest.mark.parametrize("body", ['{"error": {"message": "Loading model"}}', ""])
async def test_the_model_is_still_loading(body: str) -> None:
    assert await health(httpx.Response(503, text=body)) == "cold"


async def test_health_does_not_answer_in_time() -> None:
    assert await health(httpx.ReadTimeout("slow")) == "cold"


async def test_models_are_not_listed_health_is_empty() -> None:
    assert await health(httpx.Response(404), httpx.Response(200)) == "ready"
    assert await health(httpx.Response(404), httpx.Response(404)) == "ready"


async def test_models_are_not_listed_health_says_it_is_loading() -> None:
    loading = httpx.Response(200, json={"status": "loading model"})
    assert await health(httpx.Response(404), loading) == "cold"


async def test_nothing_listens() -> None:
    assert await health(httpx.ConnectError("refused")) == "down"


def test_every_row_of_the_table_has_its_test() -> None:
    table = (Path(__file__).parents[2] / "docs" / "servers.md").read_text()
    rows = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)[1:]  # the first is the heading
    tests: dict[str, Callable[..., Coroutine[Any, Any, None]]] = globals()
    assert len(rows) > 30
    for row in rows:
        name = re.sub(r"[^a-z0-9_ ]", "", row.lower()).strip()
        assert "test_" + name.replace(" ", "_") in tests, row
