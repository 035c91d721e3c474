"""Threads as a whole: their transcript, their list, and their end."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.errors import ThreadNotFound
from app.services.threads import images_in_use
from app.services.threads.database import statement
from app.settings import Settings
from tests.app.turns.agents import Upstream, agent_over, said
from tests.fakes import data_uri, png

pytestmark = pytest.mark.anyio


async def test_a_transcript_is_read_page_by_page(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        first = await agent.ask("How many?", image=data_uri(), thread_id="t")
        for number in range(4):
            await agent.ask(f"Is there water, {number}?", thread_id="t")
        pages = [await agent.transcript("t", after=after, limit=4) for after in (0, 4, 8, 12)]
        assert await agent.transcript("another") == []
    assert [[message.sequence for message in page] for page in pages] == [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10],
        [],
    ]
    question, answer = pages[0][:2]
    assert first.image is not None
    assert (question.turn_id, question.metadata) == (first.turn_id, {"image": first.image.url})
    assert answer.metadata["response_type"] == "answer"
    assert abs(answer.created - time.time()) < 60


async def test_the_state_carries_the_last_messages_and_the_transcript_all(
    settings: Settings,
) -> None:
    async with agent_over(settings, Upstream()) as agent:
        picture = (await agent.keep_image(data_uri())).url
        for number in range(15):
            await agent.ask(f"How many, {number}?", image=picture, thread_id="t")
        state = await agent.graph.aget_state({"configurable": {"thread_id": "t"}})
        assert len(await said(agent, "t")) == 30
    assert len(state.values["messages"]) == 20


async def test_threads_are_listed_the_last_used_first(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        for thread in ("a", "b", "a"):
            await agent.ask("Hello!", thread_id=thread)
        listed = await agent.threads.catalogue.listed()
        assert await agent.threads.catalogue.listed(limit=1, offset=1) == listed[1:]
    assert [(each.thread_id, each.turns, each.open_turns) for each in listed] == [
        ("a", 2, 0),
        ("b", 1, 0),
    ]
    assert listed[0].created <= listed[0].updated


async def test_a_deleted_thread_leaves_no_trace_and_the_others_stay(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        for thread in ("gone", "kept"):
            await agent.ask("How many?", image=data_uri(), thread_id=thread, key=thread)
        gone = await agent.threads.ledger.known("gone")
        assert gone is not None
        await agent.threads.ledger.note_job(gone.turn_id, "0", "fc-1")
        await agent.delete_thread("gone")
        config = {"configurable": {"thread_id": "gone", "checkpoint_ns": ""}}
        saved = await agent.threads.checkpoints.aget_tuple(config)  # type: ignore[arg-type]
        assert saved is None
        assert await agent.threads.ledger.known("gone") is None
        assert await agent.threads.ledger.jobs(gone.turn_id) == {}
        assert await said(agent, "gone") == []
        assert [each.thread_id for each in await agent.threads.catalogue.listed()] == ["kept"]
        assert len(await said(agent, "kept")) == 2
        with pytest.raises(ThreadNotFound):
            await agent.delete_thread("gone")
        await agent.ask("How many?", image=data_uri(), thread_id="gone", key="gone")
        assert len(await said(agent, "gone")) == 2


async def test_a_thread_is_deleted_between_its_turns(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as agent:
        first = asyncio.create_task(agent.ask("How many?", image=data_uri(), thread_id="t"))
        await upstream.started.wait()
        gone = asyncio.create_task(agent.delete_thread("t"))
        await asyncio.sleep(0.1)
        later = asyncio.create_task(agent.ask("Hello!", thread_id="t"))
        upstream.may_answer.set()
        assert (await first).status == "answered"
        await gone
        await later
        transcript = await said(agent, "t")
    assert [line[:12] for line in transcript] == ["user: Hello!", "assistant: H"]


async def test_threads_are_pruned_by_age(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        for thread in ("old", "new"):
            await agent.ask("Hello!", thread_id=thread)
        sql = "UPDATE swath_turns SET updated = updated - 7200 WHERE thread_id = 'old'"
        await agent.threads.database.run(statement(sql))
        assert await agent.prune(3600) == ["old"]
        assert [each.thread_id for each in await agent.threads.catalogue.listed()] == ["new"]
        assert await agent.prune(3600) == []


async def test_pictures_of_threads_are_in_use_until_the_thread_is_deleted(
    settings: Settings,
) -> None:
    async with agent_over(settings, Upstream()) as agent:
        turns = [
            await agent.ask("How many?", image=data_uri(png(40 + n, 40)), thread_id=f"t{n}")
            for n in range(2)
        ]
        urls = [turn.image.url for turn in turns if turn.image]
        assert await images_in_use(agent.threads) == set(urls)
        await agent.delete_thread("t0")
        assert await images_in_use(agent.threads) == {urls[1]}


@pytest.mark.parametrize(("durability", "kept"), [("exit", 2), ("debug", 312)])
async def test_the_fast_default_keeps_few_checkpoints_and_debug_all(
    settings: Settings, durability: str, kept: int
) -> None:
    settings = settings.model_copy(update={"durability": durability})
    async with agent_over(settings, Upstream()) as agent:
        for _ in range(51):
            await agent.ask("Hello!", thread_id="t")
        await agent.ask("Hello!", thread_id="another")
        config = {"configurable": {"thread_id": "t"}}
        steps = agent.threads.checkpoints.alist(config)  # type: ignore[arg-type]
        found = [step async for step in steps]
        state = await agent.graph.aget_state(config)  # type: ignore[arg-type]
        others = await agent.graph.aget_state({"configurable": {"thread_id": "another"}})
    assert len(found) == pytest.approx(kept, abs=10)
    assert len(state.values["messages"]) == 20
    assert len(others.values["messages"]) == 2


async def test_a_turn_costs_as_many_bytes_late_as_early(settings: Settings) -> None:
    sizes = []
    async with agent_over(settings, Upstream()) as agent:
        picture = (await agent.keep_image(data_uri())).url
        for number in range(40):
            await agent.ask(f"How many, {number:04}?", image=picture, thread_id="t")
            config = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
            saved = await agent.threads.checkpoints.aget_tuple(config)  # type: ignore[arg-type]
            assert saved is not None
            kind, data = agent.threads.checkpoints.serde.dumps_typed(saved.checkpoint)
            sizes.append(len(kind) + len(data))
    assert sizes[-1] / sizes[12] < 1.1
