"""Turns that were cut off. A turn whose agent is gone is what kill -9 leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from app.agent import Agent
from app.asked import Asked
from app.errors import DatabaseTrouble, TurnLost
from app.services.job_notes import LedgerNotes
from app.services.threads.ledger import Outcome, TurnRow
from app.settings import Settings
from app.turn_queue import MOST_RUNS
from tests.app.turns.agents import Upstream, agent_over, said
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio


async def left_open(agent: Agent, number: int = 1, thread_id: str = "t") -> TurnRow:
    """Enters a turn that nobody will run."""
    picture = (await agent.keep_image(data_uri())).url
    asked = Asked(f"How many, {number}?", picture)
    new = asked.turn(thread_id, None, f"{thread_id}/{number}", picture)
    found = (await agent.threads.ledger.accept(new)).row
    assert found is not None
    return found


@contextlib.asynccontextmanager
async def after_a_crash(
    settings: Settings, upstream: Upstream, count: int = 1, *, jobs: bool = False
) -> AsyncIterator[Agent]:
    """An agent that finds turns of one that is gone."""
    async with agent_over(settings, upstream) as gone:
        for number in range(count):
            await left_open(gone, number + 1)
    async with agent_over(settings, upstream, jobs=jobs) as agent:
        yield agent


async def test_resume_finishes_open_turns_in_order(settings: Settings) -> None:
    async with after_a_crash(settings, Upstream(), 3) as agent:
        assert await agent.resume() == 3
        assert await agent.resume() == 0
        assert await said(agent, "t") == [
            line
            for number in (1, 2, 3)
            for line in (f"user: How many, {number}?", f"assistant: Answered {number}.")
        ]


async def test_a_new_message_waits_for_what_a_crash_left_behind(settings: Settings) -> None:
    async with after_a_crash(settings, Upstream(), 2) as agent:
        turn = await agent.ask("Is there water?", thread_id="t", when_busy="refuse")
        transcript = await said(agent, "t")
    assert turn.content == "Answered 3."
    assert transcript[4:] == ["user: Is there water?", "assistant: Answered 3."]


async def test_a_message_sent_again_after_a_crash_is_resumed(settings: Settings) -> None:
    async with after_a_crash(settings, Upstream()) as agent:
        picture = (await agent.keep_image(data_uri())).url
        turn = await agent.ask("How many, 1?", image=picture, thread_id="t", key="t/1")
        assert await said(agent, "t") == ["user: How many, 1?", "assistant: Answered 1."]
    assert turn.status == "answered"


async def test_a_turn_that_another_process_runs_is_left_to_it(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as here, agent_over(settings, upstream) as there:
        first = asyncio.create_task(here.ask("How many?", image=data_uri(), thread_id="t"))
        await upstream.started.wait()
        assert await there.resume() == await here.resume() == 0
        upstream.may_answer.set()
        await first
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("durability", ["exit", "debug"])
async def test_a_crash_after_the_last_checkpoint_asks_nothing_again(
    settings: Settings, durability: str
) -> None:
    settings = settings.model_copy(update={"durability": durability})
    upstream = Upstream()
    async with agent_over(settings, upstream) as gone:
        await gone._run(await left_open(gone))  # and it dies before the ledger hears of it
    async with agent_over(settings, upstream) as agent:
        assert await agent.resume() == 1
        assert await said(agent, "t") == ["user: How many, 1?", "assistant: Answered 1."]
        state = await agent.graph.aget_state({"configurable": {"thread_id": "t"}})
    assert len(upstream.asked) == 1
    assert len(state.values["messages"]) == 2


async def test_debug_keeps_every_step_and_exit_the_last(settings: Settings) -> None:
    counts = {}
    for durability in ("exit", "debug"):
        chosen = settings.model_copy(update={"durability": durability})
        async with agent_over(chosen, Upstream()) as agent:
            await agent.ask("How many?", image=data_uri(), thread_id=durability)
            config = {"configurable": {"thread_id": durability}}
            steps = agent.graph.aget_state_history(config)  # type: ignore[arg-type]
            counts[durability] = len([step async for step in steps])
    assert counts == {"exit": 1, "debug": 6}


async def test_a_job_that_was_submitted_before_a_crash_is_asked_about_not_submitted(
    settings: Settings,
) -> None:
    upstream = Upstream(jobs_pend=True)
    async with agent_over(settings, upstream, jobs=True) as gone:
        row = await left_open(gone)
        running = asyncio.create_task(gone._run(row))
        await upstream.started.wait()  # it is asked about, so its id is in the ledger
        running.cancel()
        await asyncio.wait([running])
    upstream.jobs_pend = False
    async with agent_over(settings, upstream, jobs=True) as agent:
        assert await agent.resume() == 1
        assert await said(agent, "t") == ["user: How many, 1?", "assistant: Answered fc-1."]
    assert upstream.submits == 1


async def test_jobs_are_noted_task_by_task(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        notes = LedgerNotes(agent.threads.ledger, "turn", {})
        for task, call_id in (("0", "fc-a"), ("1", "fc-b"), ("0", "fc-c")):
            await notes.note(task, call_id)
        assert (notes.submitted("0"), notes.submitted("2")) == ("fc-c", None)
        assert notes.key("1") == "turn/1"
        assert await agent.threads.ledger.jobs("turn") == {"0": "fc-c", "1": "fc-b"}


async def test_a_turn_that_was_cut_off_long_ago_is_marked_and_not_asked(settings: Settings) -> None:
    upstream = Upstream()
    soon = settings.model_copy(update={"resume_within": 0.001})
    async with after_a_crash(soon, upstream) as agent:
        await asyncio.sleep(0.01)
        assert await agent.resume() == 1
        transcript = await said(agent, "t")
        picture = (await agent.keep_image(data_uri())).url
        with pytest.raises(TurnLost):
            await agent.ask("How many, 1?", image=picture, thread_id="t", key="t/1")
    assert transcript[1] == "assistant: I could not answer: The turn was cut off too long ago."
    assert upstream.asked == []


async def test_a_turn_that_ends_its_process_again_and_again_is_marked(settings: Settings) -> None:
    async with after_a_crash(settings, Upstream()) as agent:
        [row] = await agent.threads.ledger.all_open()
        for _ in range(MOST_RUNS):
            adopted = await agent.threads.ledger.adopt(row)
            assert adopted is not None
            row = adopted
        assert await agent.resume() == 1
        assert "cut off 21 times" in (await said(agent, "t"))[1]


async def test_a_turn_is_taken_over_once(settings: Settings) -> None:
    async with after_a_crash(settings, Upstream()) as agent:
        [row] = await agent.threads.ledger.all_open()
        assert await agent.threads.ledger.adopt(row) is not None
        assert await agent.threads.ledger.adopt(row) is None


async def test_what_was_taken_over_can_be_ended_by_its_new_owner_only(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as here, agent_over(settings, Upstream()) as there:
        row = await left_open(here)
        assert await there.threads.ledger.adopt(row) is not None
        closed, _ = await here.threads.ledger.close(row, Outcome("answered", "{}"))
        assert not closed
        assert await said(here, "t") == []


async def test_a_fault_of_ours_ends_the_turn_and_frees_the_thread(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:

        async def broken(_row: TurnRow) -> Outcome:
            raise ValueError("a path and a secret")

        new = Asked("How many?").turn("t", "x", None, None)
        with pytest.raises(ValueError, match="a path"):
            await agent.turns.ask(new, broken, wait=True)
        with pytest.raises(TurnLost):
            await agent.ask("How many?", thread_id="t", turn_id="x")
        transcript = await said(agent, "t")
        assert (await agent.ask("Hello!", thread_id="t")).status == "answered"
    assert transcript == [
        "user: How many?",
        "assistant: I could not answer: Something went wrong in Swath.",
    ]


async def test_database_trouble_leaves_the_turn_open_for_later(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:

        async def away(_row: TurnRow) -> Outcome:
            raise DatabaseTrouble("gone")

        new = Asked("Hello!").turn("t", "x", None, None)
        with pytest.raises(DatabaseTrouble):
            await agent.turns.ask(new, away, wait=True)
        assert await agent.resume() == 1
        assert (await said(agent, "t"))[0] == "user: Hello!"
