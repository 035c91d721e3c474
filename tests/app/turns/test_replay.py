"""Time travel: what LangGraph's checkpoints are used for, over both databases."""

from __future__ import annotations

import asyncio
import json

import pytest

from app.agent import Agent
from app.errors import BadRequest, CheckpointNotFound, SwathError, ThreadNotFound
from app.replaying import RunFork, renamed, replay
from app.settings import Settings
from app.tracing import Trace, traced
from tests.app.turns.agents import Upstream, agent_over, said
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio


@pytest.fixture
def stepping(settings: Settings) -> Settings:
    return settings.model_copy(update={"durability": "debug"})


async def trace_of(agent: Agent, thread_id: str, turn: str | None = None) -> Trace:
    return await traced(agent.threads, agent.graph, thread_id, turn)


async def two_turns(agent: Agent) -> None:
    for message in ("How many ships are there?", "How many cars are there?"):
        await agent.ask(message, image=data_uri(), thread_id="t")


async def test_every_checkpoint_of_a_turn_can_be_forked(stepping: Settings) -> None:
    upstream = Upstream()
    async with agent_over(stepping, upstream) as agent:
        await two_turns(agent)
        before = await said(agent, "t")
        kept = (await trace_of(agent, "t")).checkpoints
        assert [each.next for each in kept][:3] == [("__start__",), ("ingest",), ("classify",)]
        for number, each in enumerate(kept[:-1]):
            fork = await replay(agent, "t", each.checkpoint_id, new_thread_id=f"fork-{number}")
            spoken = await said(agent, fork.thread_id)
            assert spoken == ["user: How many cars are there?", f"assistant: {fork.content}"]
            assert fork.turn_id in fork.execution_log[0]["key"]
            state = await agent.graph.aget_state({"configurable": {"thread_id": f"fork-{number}"}})
            words = [message.text for message in state.values["messages"]]
            assert words == [
                "How many ships are there?",
                "Answered 1.",
                "How many cars are there?",
                fork.content,
            ]
        assert await said(agent, "t") == before


async def test_only_the_nodes_after_the_checkpoint_run_again(stepping: Settings) -> None:
    upstream = Upstream()
    async with agent_over(stepping, upstream) as agent:
        await two_turns(agent)
        composed = await replay(agent, "t", "compose", new_thread_id="late")
        assert len(upstream.asked) == 2
        assert composed.content == "Answered 2."
        late = await trace_of(agent, "late")
        assert [change.node for change in late.changes] == ["compose"]
        assert late.forked_from.startswith("t/")
        asked = await replay(agent, "t", "classify", new_thread_id="early")
        assert len(upstream.asked) == 3
        assert asked.content == "Answered 3."
        ran = [change.node for change in (await trace_of(agent, "early")).changes]
        assert ran[0] == "classify"
        assert "ingest" not in ran


async def test_a_message_of_several_tasks_is_replayed_with_all_of_them(stepping: Settings) -> None:
    async with agent_over(stepping, Upstream()) as agent:
        asked = await agent.ask("Describe the scene and count the ships.", image=data_uri())
        run = (await trace_of(agent, asked.thread_id)).run
        calls = [step.key.partition("/")[2] for step in run.steps if step.node.startswith("call_")]
        fork = await replay(agent, asked.thread_id, calls[0].partition("/")[0])
        again = await trace_of(agent, fork.thread_id)
        ran = [change.node for change in again.changes]
        assert sorted(ran) == sorted([*(call.partition("/")[0] for call in calls), "compose"])
        spoken = await said(agent, asked.thread_id)
        assert len(await said(agent, fork.thread_id)) == len(spoken) == 1 + len(calls)


async def test_another_message_is_routed_anew_over_what_was_said_before(
    stepping: Settings,
) -> None:
    upstream = Upstream()
    async with agent_over(stepping, upstream) as agent:
        await two_turns(agent)
        fork = await replay(agent, "t", "compose", "Describe the scene.", "other")
        assert (fork.task, fork.image is not None) == ("captioning", True)
        state = await agent.graph.aget_state({"configurable": {"thread_id": "other"}})
        words = [message.text for message in state.values["messages"]]
        assert words[:3] == ["How many ships are there?", "Answered 1.", "Describe the scene."]
        first = await trace_of(agent, "t", "1")
        asked = next(each for each in first.checkpoints if "classify" in each.next)
        alone = await replay(agent, "t", asked.checkpoint_id, "Describe the scene.")
        assert await said(agent, alone.thread_id) == [
            "user: Describe the scene.",
            f"assistant: {alone.content}",
        ]


async def test_the_end_of_a_turn_is_gone_on_from_with_another_message(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        await two_turns(agent)
        [end] = (await trace_of(agent, "t", "1")).checkpoints
        with pytest.raises(BadRequest, match="had ended"):
            await replay(agent, "t", end.checkpoint_id)
        await replay(agent, "t", end.checkpoint_id, "How many boats are there?", "boats")
        state = await agent.graph.aget_state({"configurable": {"thread_id": "boats"}})
        words = [message.text for message in state.values["messages"]]
        assert words[:3] == [
            "How many ships are there?",
            "Answered 1.",
            "How many boats are there?",
        ]


async def test_without_steps_it_is_said_how_to_keep_them(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        await two_turns(agent)
        with pytest.raises(CheckpointNotFound, match="only the end was kept") as caught:
            await replay(agent, "t", "classify")
    assert "SWATH_DURABILITY=debug" in caught.value.hint


async def test_a_fork_that_a_crash_cut_off_goes_on_from_its_checkpoint(
    stepping: Settings,
) -> None:
    upstream = Upstream()
    async with agent_over(stepping, upstream) as agent:
        await two_turns(agent)
    upstream.held = True
    upstream.started.clear()
    async with agent_over(stepping, upstream) as agent:
        forking = asyncio.create_task(replay(agent, "t", "call_vqa", new_thread_id="cut"))
        await asyncio.wait_for(upstream.started.wait(), 10)
        agent.turns.leaving.set()
        forking.cancel()
        await asyncio.gather(forking, return_exceptions=True)
    upstream.held = False
    async with agent_over(stepping, upstream) as agent:
        assert await agent.resume() == 1
        found = await trace_of(agent, "cut")
        assert found.forked_from.startswith("t/")
        assert [change.node for change in found.changes] == ["call_vqa", "compose"]
        assert (await said(agent, "cut"))[0] == "user: How many cars are there?"


async def test_what_cannot_be_replayed_is_named(stepping: Settings) -> None:
    async with agent_over(stepping, Upstream()) as agent:
        await two_turns(agent)
        with pytest.raises(ThreadNotFound):
            await replay(agent, "nobody", "classify")
        with pytest.raises(CheckpointNotFound, match="has no checkpoint"):
            await replay(agent, "t", "1f0-none")
        with pytest.raises(CheckpointNotFound, match="did not come to reply"):
            await replay(agent, "t", "reply")
        with pytest.raises(BadRequest, match="there already"):
            await replay(agent, "t", "classify", new_thread_id="t")


async def test_a_checkpoint_of_a_graph_that_has_changed_is_refused_and_leaves_nothing(
    stepping: Settings,
) -> None:
    async with agent_over(stepping, Upstream()) as agent:
        await two_turns(agent)
        row = await agent.threads.ledger.turn_at("t")
        assert row is not None
        kept = await trace_of(agent, "t")
        config = {"configurable": {"thread_id": "t", "checkpoint_id": ""}}
        config["configurable"]["checkpoint_id"] = kept.checkpoints[2].checkpoint_id
        found = await agent.graph.aget_state(config)  # type: ignore[arg-type]
        gone = found._replace(next=("a_node_that_is_gone",))
        with pytest.raises(SwathError, match="graph has changed"):
            await RunFork(agent, gone, row, "never").onward()
        state = await agent.graph.aget_state({"configurable": {"thread_id": "never"}})
        assert state.values == {}


def test_a_turns_state_becomes_another_turns() -> None:
    state = {
        "turn_id": "old",
        "user_query": "old",
        "execution_log": [{"key": "old/ingest/ok", "turn_id": "old", "message": "old-fashioned"}],
        "answer": {"id": "older", "content": None},
    }
    assert json.dumps(renamed(state, "old", "new")) == (
        '{"turn_id": "new", "user_query": "old", "execution_log": '
        '[{"key": "new/ingest/ok", "turn_id": "new", "message": "old-fashioned"}], '
        '"answer": {"id": "older", "content": null}}'
    )
