"""What is read back of a turn, over both databases."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from app.errors import ThreadNotFound, TurnNotFound
from app.services.threads.ledger import NewTurn, Outcome
from app.settings import Settings
from app.tracing import traced, whole_id
from tests.app.turns.agents import Upstream, agent_over
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio


async def test_a_turn_tells_its_path_its_calls_and_its_changes(settings: Settings) -> None:
    stepping = settings.model_copy(update={"durability": "debug"})
    async with agent_over(stepping, Upstream()) as agent:
        await agent.ask("Hello!", thread_id="t")
        await agent.ask("How many ships?", image=data_uri(), thread_id="t")
        found = await traced(agent.threads, agent.graph, "t")
        first = await traced(agent.threads, agent.graph, "t", "1")
    assert [step.node for step in found.run.steps] == ["ingest", "classify", "call_vqa", "compose"]
    assert (found.run.number, found.run.message) == (2, "How many ships?")
    assert found.run.tasks == ("vqa/counting",)
    assert "7 + 3 tokens" in found.run.steps[2].facts
    assert [change.node for change in found.changes] == [
        "ingest",
        "classify",
        "call_vqa",
        "compose",
    ]
    assert "execution_log" in found.changes[0].keys
    assert found.stepped
    assert [step.node for step in first.run.steps] == ["ingest", "classify", "reply", "compose"]


async def test_without_steps_there_are_no_changes_to_tell(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        await agent.ask("How many ships?", image=data_uri(), thread_id="t")
        found = await traced(agent.threads, agent.graph, "t")
    assert (found.changes, found.stepped, len(found.checkpoints)) == ((), False, 1)


async def test_a_job_is_told_with_its_call_id(settings: Settings) -> None:
    async with agent_over(settings, Upstream(), jobs=True) as agent:
        await agent.ask("How many ships?", image=data_uri(), thread_id="t")
        found = await traced(agent.threads, agent.graph, "t")
    assert "job fc-1" in found.run.steps[2].facts


async def test_a_call_that_failed_tells_why(settings: Settings) -> None:
    async with agent_over(settings, Upstream(failing=True)) as agent:
        await agent.ask("How many ships?", image=data_uri(), thread_id="t")
        found = await traced(agent.threads, agent.graph, "t")
    assert found.run.steps[2].status == "failed"
    assert "No." in found.run.steps[2].said
    assert found.run.failed


async def test_neither_pictures_nor_secrets_are_in_a_trace(settings: Settings) -> None:
    stepping = settings.model_copy(update={"durability": "debug"})
    secret = "Bearer abcdef0123456789"
    async with agent_over(stepping, Upstream()) as agent:
        message = f"How many ships? {secret} {data_uri()}"
        await agent.ask(message, image=data_uri(), thread_id="t")
        found = await traced(agent.threads, agent.graph, "t")
    told = json.dumps(asdict(found))
    assert "base64" not in told
    assert "abcdef0123456789" not in told
    assert data_uri()[30:60] not in told


async def test_turns_without_a_log_are_told_by_their_state(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        ledger = agent.threads.ledger
        for name, outcome in (
            (
                "lost",
                Outcome("failed", json.dumps({"lost": {"code": "turn_lost", "message": "!"}})),
            ),
            ("gone", Outcome("cancelled", "")),
        ):
            new = NewTurn(name, "t", name, "", {"message": f"{name}?", "task": None})
            row = (await ledger.accept(new)).row
            assert row is not None
            await ledger.close(row, outcome)
        await ledger.accept(NewTurn("open", "t", "open", "", {"message": "open?"}))
        states = [
            (await traced(agent.threads, agent.graph, "t", number)).run.status
            for number in ("1", "2", "3")
        ]
    assert states == ["lost", "cancelled", "open"]


async def test_threads_and_turns_are_found_by_what_is_typed(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        for thread in ("abc-1", "abc-2", "xyz"):
            await agent.ask("Hello!", thread_id=thread, turn_id=f"turn-{thread}")
        threads = agent.threads
        assert await whole_id(threads, "x") == "xyz"
        for wrong in ("abc", "nobody", ""):
            with pytest.raises(ThreadNotFound):
                await whole_id(threads, wrong)
        found = await traced(threads, agent.graph, "xyz", "turn-xyz")
        assert found.run.turn_id == "turn-xyz"
        for turn in ("2", "turn-abc-1", "9" * 40):
            with pytest.raises(TurnNotFound):
                await traced(threads, agent.graph, "xyz", turn)
