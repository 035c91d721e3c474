from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from imagery import AddressRefused, BadReference, Limits
from imagery.reference import Loaded
from modal_services.api import create_service
from modal_services.engine import (
    Delta,
    Engine,
    EngineBusy,
    EngineFailed,
    EngineRefused,
    EngineTimeout,
    Prompt,
    Reply,
)
from modal_services.engines.measure import MeasureEngine
from modal_services.prompting import load_public
from modal_services.stores.memory import MemoryJobs
from modal_services.stores.sqlite import SqliteJobs
from tests.fakes import ScriptedEngine, data_uri, noise_png, png

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"


def body(*content: Any, model: str = "qwen-vqa-special", **extra: Any) -> dict[str, Any]:
    parts = content or (text("How many ships?"), image(data_uri()))
    return {"model": model, "messages": [{"role": "user", "content": list(parts)}], **extra}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


@contextlib.asynccontextmanager
async def service(
    tmp_path: Path, engine: Engine | None = None, *, workers: int = 1, **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    jobs = SqliteJobs(tmp_path / "jobs.sqlite3", workers=workers)
    app = create_service("qwen-vqa-special", engine or ScriptedEngine(), jobs, **options)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
    ):
        yield client


async def test_an_answer_has_the_shape_of_the_guide(tmp_path: Path) -> None:
    async with service(tmp_path) as client:
        answer = (await client.post(CHAT, json=body())).json()
    assert answer["id"].startswith("chatcmpl-")
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "qwen-vqa-special"
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Three ships."},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert answer["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


async def test_every_answer_has_an_id_of_its_own(tmp_path: Path) -> None:
    async with service(tmp_path) as client:
        ids = {(await client.post(CHAT, json=body())).json()["id"] for _ in range(3)}
    assert len(ids) == 3


async def test_usage_is_null_where_the_engine_tells_none(tmp_path: Path) -> None:
    async with service(tmp_path, ScriptedEngine([Reply("Yes.")])) as client:
        assert (await client.post(CHAT, json=body())).json()["usage"] is None


async def test_the_engine_gets_words_and_pictures_in_their_order(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    async with service(tmp_path, engine) as client:
        sent = body(text("first"), image(data_uri(png(8, 4))), text("second"), max_tokens=9)
        await client.post(CHAT, json=sent)
    prompt: Prompt = engine.prompts[0]
    first, picture, second = prompt.turns[0].parts
    assert (first, second) == ("first", "second")
    assert (prompt.pictures[0].width_px, prompt.pictures[0].height_px) == (8, 4)
    assert picture is prompt.pictures[0]
    assert prompt.sampling.max_tokens == 9


@pytest.mark.parametrize(
    "content",
    ["How many ships?", [text("How many?"), {"type": "image_url", "image_url": data_uri()}]],
    ids=["plain string", "bare image_url"],
)
async def test_content_may_be_a_string_and_an_image_url_too(tmp_path: Path, content: Any) -> None:
    message = {"role": "user", "content": content}
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, json={"model": "qwen-vqa-special", "messages": [message]})
    assert answer.status_code == 200


BAD_BODIES: dict[str, tuple[Any, int, str | None]] = {
    "unknown model": (body(model="gpt-9"), 404, "model"),
    "no model": ({"messages": [{"role": "user", "content": "hi"}]}, 400, "model"),
    "no messages": ({"model": "qwen-vqa-special", "messages": []}, 400, "messages"),
    "messages of another type": ({"model": "qwen-vqa-special", "messages": "hi"}, 400, "messages"),
    "an empty question": (body(text("   ")), 400, "messages"),
    "no picture behind the data URI": (body(image("data:image/png;base64,")), 400, "messages"),
    "bad base64": (body(image("data:image/png;base64,@@@@")), 400, "messages"),
    "not a picture": (body(image(data_uri(b"<html></html>"))), 400, "messages"),
    "a truncated picture": (body(image(data_uri(noise_png(9000)[:5000]))), 400, "messages"),
    "a path": (body(image("/etc/passwd")), 400, "messages"),
    "a file address": (body(image("file:///etc/passwd")), 400, "messages"),
    "an unknown role": (
        {"model": "qwen-vqa-special", "messages": [{"role": "wizard", "content": "hi"}]},
        400,
        "messages",
    ),
    "an unknown part": (body({"type": "audio", "audio": "x"}), 400, "messages"),
    "a temperature of five": (body(temperature=5), 400, "temperature"),
    "no tokens at all": (body(max_tokens=0), 400, "max_tokens"),
    "too many answers": (body(n=5), 400, "n"),
    "no answers": (body(n=0), 400, "n"),
    "tools": (body(tools=[{"type": "function"}]), 400, "tools"),
    "a choice of tools": (body(tool_choice="auto"), 400, "tool_choice"),
    "functions": (body(functions=[{"name": "f"}]), 400, "functions"),
    "sound": (body(audio={"voice": "alloy"}), 400, "audio"),
    "an answer in sound": (body(modalities=["text", "audio"]), 400, "modalities"),
    "a role of tools": (
        {"model": "qwen-vqa-special", "messages": [{"role": "tool", "content": "hi"}]},
        400,
        "messages",
    ),
    "options of a stream without one": (body(stream_options={}), 400, "stream_options"),
    "likely tokens without probabilities": (body(top_logprobs=2), 400, "top_logprobs"),
    "fifty likely tokens": (body(logprobs=True, top_logprobs=50), 400, "top_logprobs"),
    "five stop words": (body(stop=["a", "b", "c", "d", "e"]), 400, "stop"),
    "an empty stop word": (body(stop=""), 400, "stop"),
    "a seed that no server takes": (body(seed=2**63), 400, "seed"),
    "no share of the likely": (body(top_p=0), 400, "top_p"),
    "a schema that is missing": (
        body(response_format={"type": "json_schema"}),
        400,
        "response_format",
    ),
    "a schema that is none": (
        body(response_format={"type": "json_schema", "json_schema": {"schema": 1}}),
        400,
        "response_format",
    ),
    "an unknown form": (body(response_format={"type": "xml"}), 400, "response_format"),
    "an empty choice": (body(structured_outputs={"choice": []}), 400, "structured_outputs"),
    "a grammar": (body(structured_outputs={"regex": "a"}), 400, "structured_outputs"),
    "a bogus detail": (
        body({"type": "image_url", "image_url": {"url": data_uri(), "detail": "bogus"}}),
        400,
        "messages",
    ),
    "too many pictures": (body(text("?"), *[image(data_uri())] * 9), 400, "messages"),
}


@pytest.mark.parametrize("route", [CHAT, CHAT + "/async"])
@pytest.mark.parametrize(("sent", "status", "param"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_bad_request_fails_at_once_and_says_why(
    tmp_path: Path, route: str, sent: Any, status: int, param: str
) -> None:
    engine = ScriptedEngine()
    async with service(tmp_path, engine) as client:
        answer = await client.post(route, json=sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (status, param), answer.text
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert "Traceback" not in answer.text
    assert engine.prompts == []


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b'"hi"', b"\xff\xfe"])
async def test_a_body_that_is_no_request_is_a_400_in_the_same_shape(
    tmp_path: Path, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


async def test_half_a_character_is_a_400(tmp_path: Path) -> None:
    sent = '{"model": "qwen-vqa-special", "messages": [{"role": "user", "content": "\\ud800"}]}'
    headers = {"Content-Type": "application/json"}
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, content=sent.encode(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_text")


async def test_an_error_never_repeats_the_picture(tmp_path: Path) -> None:
    sent = body(image(data_uri()), temperature="warm")
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, json=sent)
    assert "base64" not in answer.text


async def test_unknown_fields_are_ignored(tmp_path: Path) -> None:
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, json=body(user="u", metadata={}, n=None, stream=None))
    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", CHAT, 405), ("GET", "/v2", 404)])
async def test_wrong_paths_and_methods_have_the_same_shape(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    async with service(tmp_path) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_body_over_the_limit_is_a_413(tmp_path: Path) -> None:
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, content=b"x" * (64 * 1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_a_picture_over_the_limit_is_a_413(tmp_path: Path) -> None:
    async with service(tmp_path, limits=Limits(max_pixels=100)) as client:
        answer = await client.post(CHAT, json=body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "image_too_large")


async def test_a_url_is_loaded_through_the_guard(tmp_path: Path) -> None:
    asked: list[str] = []

    async def load(url: str, _limits: Limits) -> Loaded:
        asked.append(url)
        return Loaded(png(), url)

    async with service(tmp_path, load=load) as client:
        answer = await client.post(CHAT, json=body(image("https://example.com/satellite.png")))
    assert answer.status_code == 200
    assert asked == ["https://example.com/satellite.png"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a.png", "https://169.254.169.254/latest", "https://localhost/a"]
)
async def test_an_address_that_is_not_public_is_refused(tmp_path: Path, url: str) -> None:
    async with service(tmp_path) as client:
        answer = await client.post(CHAT, json=body(image(url)))
    assert answer.status_code == 400


async def test_the_default_loader_never_reads_files() -> None:
    with pytest.raises(BadReference):
        await load_public("/etc/hostname", Limits())


ENGINE_FAULTS = [
    (EngineRefused("too long"), 400),
    (EngineBusy("later", retry_after_s=7), 503),
    (EngineTimeout("slow"), 504),
    (EngineFailed("broken"), 502),
    (AddressRefused("no"), 400),
]


@pytest.mark.parametrize(("error", "status"), ENGINE_FAULTS)
async def test_trouble_of_the_engine_has_its_status(
    tmp_path: Path, error: Exception, status: int
) -> None:
    async with service(tmp_path, ScriptedEngine([error])) as client:
        answer = await client.post(CHAT, json=body())
    assert (answer.status_code, answer.json()["error"]["message"]) == (status, str(error))
    assert answer.headers.get("retry-after") == ("7" if status == 503 else None)


@pytest.mark.parametrize("development", [False, True])
async def test_a_fault_of_ours_is_a_500_with_a_traceback_only_in_development(
    tmp_path: Path, development: bool
) -> None:
    engine = ScriptedEngine([ZeroDivisionError("secret")])
    async with service(tmp_path, engine, development=development) as client:
        answer = await client.post(CHAT, json=body())
    assert answer.status_code == 500
    assert ("traceback" in answer.json()) is development
    assert ("secret" in answer.text) is development


async def test_a_job_is_submitted_polled_and_answered_like_a_call(tmp_path: Path) -> None:
    async with service(tmp_path) as client:
        submitted = await client.post(CHAT + "/async", json=body())
        assert submitted.status_code == 202
        ticket = submitted.json()
        assert ticket == {
            "call_id": ticket["call_id"],
            "status": "pending",
            "model": "qwen-vqa-special",
        }
        answer = await polled(client, ticket["call_id"])
        again = await client.get(f"{CHAT}/status/{ticket['call_id']}")
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "Three ships."
    assert again.json() == answer.json()


async def test_a_pending_job_is_a_202_that_says_when_to_ask_again(tmp_path: Path) -> None:
    async with service(tmp_path, workers=0) as client:
        call_id = (await client.post(CHAT + "/async", json=body())).json()["call_id"]
        answer = await client.get(f"{CHAT}/status/{call_id}")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "2")
    assert answer.json()["status"] == "pending"


async def test_a_full_queue_is_a_429_that_says_when_to_come_back() -> None:
    jobs = MemoryJobs(workers=0, max_queued=1)
    app = create_service("qwen-vqa-special", ScriptedEngine(), jobs)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        await client.post(CHAT + "/async", json=body())
        answer = await client.post(CHAT + "/async", json=body())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert answer.json()["error"]["code"] == "queue_full"


async def test_a_fault_of_ours_in_a_stream_is_an_event_without_its_words(tmp_path: Path) -> None:
    class Stumbling(ScriptedEngine):
        async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
            yield Delta("Three ")
            raise ZeroDivisionError("secret")

    async with service(tmp_path, Stumbling()) as client:
        answer = await client.post(CHAT, json=body(stream=True))
    assert '"code": "internal"' in answer.text.split("\n\n")[-2]
    assert "secret" not in answer.text


@pytest.mark.parametrize("deltas", [[], [Delta("Three ")]])
async def test_an_engine_that_ends_without_a_reason_has_failed(
    tmp_path: Path, deltas: list[Delta]
) -> None:
    class Ending(ScriptedEngine):
        async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
            for delta in deltas:
                yield delta

    async with service(tmp_path, Ending()) as client:
        answer = await client.post(CHAT, json=body(stream=True))
    assert answer.status_code == (200 if deltas else 502)
    assert "broke off" in answer.text


async def test_one_of_several_answers_that_fails_stops_the_others(tmp_path: Path) -> None:
    engine = ScriptedEngine([Reply("Three ships."), EngineFailed("broken")])
    async with service(tmp_path, engine) as client:
        answer = await client.post(CHAT, json=body(n=3))
    assert answer.status_code == 502


async def test_a_made_up_call_id_is_a_404_with_a_reason(tmp_path: Path) -> None:
    async with service(tmp_path) as client:
        answer = await client.get(f"{CHAT}/status/fc-madeup")
    assert answer.status_code == 404
    assert "unknown" in answer.json()["error"]


@pytest.mark.parametrize("development", [False, True])
@pytest.mark.parametrize("error", [EngineFailed("broken"), TimeoutError(), ZeroDivisionError()])
async def test_a_failed_job_is_a_500_and_never_pending_for_ever(
    tmp_path: Path, development: bool, error: Exception
) -> None:
    engine = ScriptedEngine([error])
    async with service(tmp_path, engine, development=development) as client:
        call_id = (await client.post(CHAT + "/async", json=body())).json()["call_id"]
        answer = await polled(client, call_id)
    assert answer.status_code == 500
    assert isinstance(answer.json()["error"], str)
    assert ("traceback" in answer.json()) is development


async def test_a_job_keeps_its_picture_and_its_settings(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    async with service(tmp_path, engine) as client:
        sent = body(text("?"), image(data_uri(png(8, 4))), max_completion_tokens=5, stop="END")
        call_id = (await client.post(CHAT + "/async", json=sent)).json()["call_id"]
        await polled(client, call_id)
    prompt = engine.prompts[0]
    assert (prompt.pictures[0].width_px, prompt.sampling.max_tokens) == (8, 5)
    assert prompt.sampling.stop == ("END",)


async def test_health_names_the_model_and_the_state_behind_it(tmp_path: Path) -> None:
    async with service(tmp_path, ScriptedEngine(state="cold")) as client:
        health = (await client.get("/health")).json()
    assert health["status"] == "ok"
    assert (health["model"], health["state"]) == ("qwen-vqa-special", "cold")


async def test_measure_answers_under_its_own_name_and_accepts_the_guides(tmp_path: Path) -> None:
    async with service(tmp_path, MeasureEngine()) as client:
        for model in ("qwen-vqa-special", "qwen-caption-special", "local-measurements"):
            answer = (await client.post(CHAT, json=body(model=model))).json()
            assert answer["model"] == "local-measurements"
            assert answer["swath"]["engine"] == "measure"
            assert answer["usage"]["total_tokens"] == 0
        assert (await client.get("/health")).json()["model"] == "local-measurements"
        models = (await client.get("/v1/models")).json()["data"]
    assert models[0]["id"] == "local-measurements"


async def test_the_engine_is_closed_with_the_service(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    async with service(tmp_path, engine):
        assert not engine.closed
    assert engine.closed


async def polled(client: httpx.AsyncClient, call_id: str) -> httpx.Response:

    for _ in range(500):
        answer = await client.get(f"{CHAT}/status/{call_id}")
        if answer.status_code != 202:
            return answer
        await anyio.sleep(0.01)
    raise AssertionError("the job did not end")
