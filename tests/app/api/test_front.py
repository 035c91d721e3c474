from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect

from app.api.bodies import Bodies
from app.api.closing import Closing, ClosingInTime
from app.api.docs import policy_for
from app.api.front import Front
from app.api.metrics import Metrics
from app.api.strict_json import strict_json
from tests.app.api.clients import api
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/api/graph", "/docs", "/x", "/api/images/x", "/metrics", "/"]
)
async def test_every_answer_has_an_id_and_the_headers_that_bind_a_browser(
    tmp_path: Path, path: str
) -> None:
    async with api(tmp_path) as client:
        answer = await client.get(path)
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("order-17", True), ("a.b:c_d-E", True), ("", False), ("a b", False), ("x" * 129, False)],
)
async def test_a_request_id_is_kept_where_it_can_be_one(
    tmp_path: Path, sent: str, kept: bool
) -> None:
    async with api(tmp_path) as client:
        answer = await client.get("/x", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) is kept
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


async def test_a_failed_turn_names_its_request_too(tmp_path: Path) -> None:
    async with api(tmp_path, vqa_base_url="http://127.0.0.1:1", max_attempts=1) as client:
        answer = await client.post(
            "/api/chat", json={"message": "How many ships?", "image": data_uri()}
        )
    assert answer.status_code == 503
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


def test_the_docs_policy_lets_in_this_pages_own_script_alone() -> None:
    policy = policy_for("<html><script>start()</script><script src='/a.js'></script></html>")
    [script] = [part for part in policy.split("; ") if part.startswith("script-src")]
    assert re.fullmatch(r"script-src 'self' 'sha256-[A-Za-z0-9+/=]{44}'", script)
    assert "unsafe-inline" not in script


async def raising(scope: Any, receive: Any, send: Any) -> None:
    raise ZeroDivisionError("a secret of ours")


@pytest.mark.parametrize("development", [True, False])
async def test_a_fault_of_ours_is_a_500_that_tells_nothing_but_in_development(
    development: bool,
) -> None:
    front = Front(raising, metrics=Metrics(), development=development)
    answer = await asked(front)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert ("a secret of ours" in answer.text) is development


async def test_a_caller_who_leaves_is_no_fault_of_ours() -> None:
    async def left(*_scope: Any) -> Any:
        raise ClientDisconnect

    metrics, sent = Metrics(), list[Any]()

    async def send(message: Any) -> None:
        sent.append(message)

    front = Front(left, metrics=metrics)
    await front({"type": "http", "method": "POST", "path": "/", "headers": []}, left, send)
    assert sent == []
    assert b'status="0"' in metrics.text()
    assert b'status="500"' not in metrics.text()


async def asked(app: Any, **request: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://swath") as client:
        return await client.post("/", **request)


async def pieces(count: int, size: int, taken: list[int]) -> Any:
    for _ in range(count):
        taken.append(size)
        yield b"x" * size


async def test_a_body_that_does_not_say_its_size_is_cut_when_it_grows_too_large(
    tmp_path: Path,
) -> None:
    taken: list[int] = []
    async with api(tmp_path, max_image_bytes=1000) as client:
        answer = await client.post("/api/images", content=pieces(1000, 100_000, taken))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert sum(taken) <= 1_300_000


async def test_a_body_that_never_ends_is_a_408(tmp_path: Path) -> None:
    async def stuck() -> Any:
        yield b"x"
        await asyncio.sleep(60)

    async with api(tmp_path, body_timeout=0.05) as client:
        answer = await client.post("/api/images", content=stuck())
    assert (answer.status_code, answer.json()["error"]["code"]) == (408, "body_timeout")
    assert answer.headers["connection"] == "close"


async def test_waiting_for_the_caller_to_leave_is_not_a_slow_body() -> None:
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive())["type"])
        heard.append((await receive())["type"])

    async def receive() -> Any:
        if not heard:
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        raise AssertionError

    bodies = Bodies(app, most_bytes=10, most_s=0.01)
    await bodies({"type": "http", "headers": []}, receive, send)
    assert heard == ["http.request", "http.disconnect"]


def test_strict_json_reads_what_is_plain() -> None:
    body = '{"a": [1, 2.5, null, true, "é\\ud83d\\ude00"], "b": {"c": 18446744073709551615}}'
    assert strict_json(body.encode()) == {
        "a": [1, 2.5, None, True, "é😀"],
        "b": {"c": 18446744073709551615},
    }


class Waiting:
    """An app that waits to be cut off, or streams until it is told to end."""

    def __init__(self, closing: Closing, *, streams: bool) -> None:
        self.closing = closing
        self.streams = streams
        self.begun = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self.streams:
            self.begun.set()
            await asyncio.sleep(60)
        ending = asyncio.Event()
        with self.closing.told(ending.set):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            self.begun.set()
            await ending.wait()
            await send({"type": "http.response.body", "body": b"event: done\n\n"})


async def ended(*, streams: bool) -> httpx.Response:
    closing = Closing()
    app = Waiting(closing, streams=streams)
    in_time = ClosingInTime(app, grace_s=0.05)

    async def run(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"closing": closing}
        await in_time(scope, receive, send)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(asked(run))
        await app.begun.wait()
        closing.begin()
    return task.result()


async def test_a_stream_that_listens_sends_its_last_event_when_the_end_begins() -> None:
    answer = await ended(streams=True)
    assert (answer.status_code, answer.text) == (200, "event: done\n\n")


async def test_a_request_that_outlasts_the_grace_is_told_to_ask_again() -> None:
    answer = await ended(streams=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "closing")
    assert answer.headers["retry-after"]


def test_a_hook_that_comes_late_is_called_at_once_and_others_once() -> None:
    closing, called = Closing(), []
    with closing.told(lambda: called.append("early")):
        closing.begin()
        closing.begin()
    with closing.told(lambda: called.append("late")):
        pass
    with Closing().told(lambda: called.append("never")):
        pass
    assert called == ["early", "late"]
