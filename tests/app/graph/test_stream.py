"""What a streamed turn tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.events import Answered, Done, Event, Failed, Logged, NodeBegan, NodeEnded, Token, TurnBegan
from app.settings import Settings
from tests.app.agents import agent_over
from tests.fakes import FakeService, data_uri

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None)


def chunk(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"model": "a-vlm", "choices": [choice]}).encode() + b"\n\n"


class Streaming(FakeService):
    """Writes three pieces, the last only when it may; remembers whether its reader left."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = asyncio.Event()
        self.left = asyncio.Event()

    async def _pieces(self) -> AsyncIterator[bytes]:
        try:
            yield chunk("Three ")
            yield chunk("ships")
            await self.may_end.wait()
            yield chunk(".", "stop") + b"data: [DONE]\n\n"
        finally:
            self.left.set()

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(
            lambda _request: httpx.Response(
                200, headers={"content-type": "text/event-stream"}, content=self._pieces()
            )
        )


async def collected(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


async def test_a_stream_tells_the_turn_its_nodes_tokens_log_answer_and_end(
    settings: Settings,
) -> None:
    vqa = Streaming()
    vqa.may_end.set()
    async with agent_over(settings, vqa) as agent:
        events = await collected(agent.stream("How many ships?", image=data_uri(), thread_id="t"))
    assert isinstance(events[0], TurnBegan)
    assert [one.node for one in events if isinstance(one, NodeBegan)] == [
        "ingest", "classify", "call_vqa", "compose",
    ]  # fmt: skip
    assert all(one.ms >= 0 and not one.failed for one in events if isinstance(one, NodeEnded))
    assert [(one.task, one.text) for one in events if isinstance(one, Token)] == [
        (0, "Three "), (0, "ships"), (0, "."),
    ]  # fmt: skip
    [answer] = [one.answer for one in events if isinstance(one, Answered)]
    assert answer.value == 3
    done = events[-1]
    assert isinstance(done, Done)
    assert done.turn.answer == "Three ships."
    logged = [one.entry for one in events if isinstance(one, Logged)]
    assert logged == list(done.turn.log)
    assert all(json.dumps(one.as_json()) for one in events)


async def test_tokens_come_before_the_answer_is_whole(settings: Settings) -> None:
    vqa = Streaming()
    async with (
        agent_over(settings, vqa) as agent,
        contextlib.aclosing(agent.stream("How many ships?", image=data_uri())) as events,
    ):
        async for event in events:
            if isinstance(event, Token) and event.text == "ships":
                vqa.may_end.set()  # it would wait for ever if pieces came only with the whole
        assert isinstance(event, Done)


async def test_leaving_a_stream_ends_the_call_of_the_service(settings: Settings) -> None:
    vqa = Streaming()
    async with agent_over(settings, vqa) as agent:
        events = agent.stream("How many ships?", image=data_uri(), thread_id="t")
        async for event in events:
            if isinstance(event, Token):
                break
        await events.aclose()
        async with asyncio.timeout(5):
            await vqa.left.wait()
        assert await agent.transcript("t") == []
        assert await agent.threads.ledger.all_open() == []


async def test_what_ask_would_raise_is_the_last_event(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:
        [event] = await collected(agent.stream("  "))
    assert isinstance(event, Failed)
    assert event.code == "bad_request"


async def test_a_failed_service_is_told_and_the_turn_still_done(settings: Settings) -> None:
    async with agent_over(settings, FakeService([httpx.Response(503)])) as agent:
        events = await collected(agent.stream("How many ships?", image=data_uri()))
    done = events[-1]
    assert isinstance(done, Done)
    assert done.turn.status == "failed"
    assert [one.entry["event"] for one in events if isinstance(one, Logged)].count("retry") == 3
    assert {one.as_json()["kind"] for one in events} >= {"turn", "progress", "log", "done"}


async def test_a_turn_that_was_answered_before_is_told_at_once(settings: Settings) -> None:
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        asked = {"image": data_uri(), "thread_id": "t", "key": "k"}
        await agent.ask("How many ships?", **asked)  # type: ignore[arg-type]
        events = await collected(agent.stream("How many ships?", **asked))
    assert [type(event) for event in events] == [Done]
    assert len(vqa.requests) == 1


async def test_a_fault_of_ours_is_the_last_event_and_tells_nothing(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:

        async def broken(*_args: object, **_options: object) -> None:
            raise ValueError("/a/path and a secret")

        agent.threads.ledger.accept = broken  # type: ignore[assignment]
        [event] = await collected(agent.stream("How many ships?", image=data_uri()))
    assert isinstance(event, Failed)
    assert (event.code, event.message) == ("internal_error", "Something went wrong in Swath.")
