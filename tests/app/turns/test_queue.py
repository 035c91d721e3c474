"""Several messages at once on one thread."""

from __future__ import annotations

import asyncio

import pytest

from app.agent import Agent
from app.asked import Asked
from app.errors import ThreadBusy
from app.settings import Settings
from app.turn import Turn
from tests.app.turns.agents import Upstream, agent_over, said
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio


def in_order(transcript: list[str], count: int) -> bool:
    """Question, answer, question, answer, and every answer is the next one."""
    answers = [f"assistant: Answered {number + 1}." for number in range(count)]
    return transcript[1::2] == answers and all(line.startswith("user") for line in transcript[::2])


async def test_ten_messages_at_once_are_answered_in_the_order_they_came(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        picture = (await agent.keep_image(data_uri())).url
        questions = [f"How many ships, {number}?" for number in range(10)]
        turns = await asyncio.gather(
            *(agent.ask(question, image=picture, thread_id="t") for question in questions)
        )
        transcript = await said(agent, "t")
        state = await agent.graph.aget_state({"configurable": {"thread_id": "t"}})
    assert transcript[::2] == [f"user: {question}" for question in questions]
    assert in_order(transcript, 10)
    assert [turn.content for turn in turns] == [f"Answered {number + 1}." for number in range(10)]
    assert [message.text for message in state.values["messages"]][::2] == questions


async def test_messages_of_two_users_of_the_database_never_overlap(settings: Settings) -> None:
    upstream = Upstream()
    async with agent_over(settings, upstream) as here, agent_over(settings, upstream) as there:
        picture = (await here.keep_image(data_uri())).url

        async def ask(agent: Agent, number: int) -> Turn:
            question = f"How many ships, {number}?"
            return await agent.ask(question, image=picture, thread_id="t")

        agents = (here, there)
        turns = await asyncio.gather(*(ask(agents[number % 2], number) for number in range(10)))
        transcript = await said(here, "t")
        state = await there.graph.aget_state({"configurable": {"thread_id": "t"}})
    assert in_order(transcript, 10)
    assert len({turn.turn_id for turn in turns}) == 10
    in_state = [f"{kind}: {m.text}" for m in state.values["messages"] for kind in [role(m.type)]]
    assert in_state == transcript


def role(kind: str) -> str:
    return {"human": "user", "ai": "assistant"}[kind]


async def test_a_busy_thread_can_refuse_instead(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as here, agent_over(settings, upstream) as there:
        first = asyncio.create_task(here.ask("How many?", image=data_uri(), thread_id="t"))
        await upstream.started.wait()
        for agent in (here, there):
            with pytest.raises(ThreadBusy):
                await agent.ask("Is there water?", thread_id="t", when_busy="refuse")
        assert (await there.ask("Hello!", when_busy="refuse")).status == "answered"
        upstream.may_answer.set()
        await first
        transcript = await said(there, "t")
    assert transcript == ["user: How many?", "assistant: Answered 1."]


async def test_whether_to_wait_is_a_setting_too(settings: Settings) -> None:
    upstream = Upstream(held=True)
    impatient = settings.model_copy(update={"when_busy": "refuse"})
    async with agent_over(impatient, upstream) as agent:
        first = asyncio.create_task(agent.ask("How many?", image=data_uri(), thread_id="t"))
        await upstream.started.wait()
        with pytest.raises(ThreadBusy):
            await agent.ask("Is there water?", thread_id="t")
        upstream.may_answer.set()
        await first


async def test_a_cancelled_turn_says_nothing_and_the_next_one_goes_on(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as agent:
        first = asyncio.create_task(agent.ask("How many?", image=data_uri(), thread_id="t"))
        await upstream.started.wait()
        waiting = asyncio.create_task(agent.ask("Is there water?", thread_id="t"))
        second = asyncio.create_task(agent.ask("Describe it", image=data_uri(), thread_id="t"))
        await asyncio.sleep(0.1)
        waiting.cancel()
        first.cancel()
        upstream.may_answer.set()
        await asyncio.wait([first, waiting])
        assert (await second).status == "answered"
        transcript = await said(agent, "t")
    assert transcript == ["user: Describe it", "assistant: Answered 2."]


async def test_a_cancelled_turn_sent_again_is_answered_as_the_last_one(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as agent:
        first = asyncio.create_task(
            agent.ask("How many?", image=data_uri(), thread_id="t", key="k")
        )
        await upstream.started.wait()
        first.cancel()
        await asyncio.wait([first])
        upstream.may_answer.set()
        await agent.ask("Hello!", thread_id="t")
        again = await agent.ask("How many?", image=data_uri(), thread_id="t", key="k")
        transcript = await said(agent, "t")
        state = await agent.graph.aget_state({"configurable": {"thread_id": "t"}})
    assert again.status == "answered"
    assert [line.split(":")[0] for line in transcript] == ["user", "assistant"] * 2
    assert transcript[2] == "user: How many?"
    assert state.values["messages"][-1].text == again.content


async def test_a_turn_that_is_cut_off_by_a_shutdown_stays_open(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as agent:
        first = asyncio.create_task(agent.ask("How many?", image=data_uri(), thread_id="t"))
        await upstream.started.wait()
        agent.turns.leaving.set()
        first.cancel()
        await asyncio.wait([first])
    upstream.may_answer.set()
    async with agent_over(settings, upstream) as agent:
        assert await agent.resume() == 1
        assert await said(agent, "t") == ["user: How many?", "assistant: Answered 2."]


async def test_a_sender_that_leaves_while_its_turn_is_entered_leaves_none(
    settings: Settings,
) -> None:
    for pause in (0, 0.001, 0.003, 0.01):
        async with agent_over(settings, Upstream()) as agent:
            thread = f"t{pause * 1000:.0f}"
            leaving = asyncio.create_task(agent.ask("Hello", thread_id=thread))
            await asyncio.sleep(pause)
            leaving.cancel()
            await asyncio.wait([leaving])
            assert not await agent.threads.ledger.all_open()


async def test_a_turn_that_nobody_runs_can_be_cancelled_and_one_that_runs_cannot(
    settings: Settings,
) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as gone:
        await gone.threads.ledger.accept(Asked("Hello!").turn("left", "x", None, None))
    async with agent_over(settings, upstream) as here, agent_over(settings, upstream) as there:
        left = await here.threads.ledger.turn("x")
        assert left is not None
        assert await here.turns.cancel_left(left)
        assert await said(here, "left") == []
        assert not await here.threads.ledger.all_open()
        running = asyncio.create_task(there.ask("How many?", image=data_uri(), turn_id="y"))
        await upstream.started.wait()
        row = await here.threads.ledger.turn("y")
        assert row is not None
        assert not await here.turns.cancel_left(row)
        assert not await there.turns.cancel_left(row)
        upstream.may_answer.set()
        assert (await running).status == "answered"
