"""A message that is sent again."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import BadRequest, KeyReused, TurnRunning
from app.settings import Settings
from tests.app.turns.agents import Upstream, agent_over, said
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio


async def test_a_message_sent_again_with_its_key_is_answered_from_the_ledger(
    settings: Settings,
) -> None:
    upstream = Upstream()
    async with agent_over(settings, upstream) as agent:
        first = await agent.ask("How many ships?", image=data_uri(), key="k")
    async with agent_over(settings, upstream) as agent:
        again = await agent.ask("How many ships?", image=data_uri(), key="k")
        named = await agent.ask(
            "How many ships?", image=data_uri(), key="k", thread_id=first.thread_id
        )
        transcript = await said(agent, first.thread_id)
    assert first == again == named
    assert len(upstream.asked) == 1
    assert transcript == ["user: How many ships?", "assistant: Answered 1."]


async def test_without_a_key_the_turn_id_is_the_key(settings: Settings) -> None:
    upstream = Upstream()
    async with agent_over(settings, upstream) as agent:
        first = await agent.ask("How many ships?", image=data_uri(), turn_id="mine")
        again = await agent.ask("How many ships?", image=data_uri(), turn_id="mine")
    assert first.turn_id == again.turn_id == "mine"
    assert len(upstream.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"message": "How many cars?"},
        {"image": None},
        {"vqa_type": "area"},
        {"thread_id": "another"},
        {"turn_id": "t", "key": "another"},
    ],
)
async def test_a_key_with_another_request_is_refused(
    settings: Settings, other: dict[str, str | None]
) -> None:
    asked = {"message": "How many ships?", "image": data_uri(), "key": "k", "turn_id": "t"}
    async with agent_over(settings, Upstream()) as agent:
        first = await agent.ask(**asked)  # type: ignore[arg-type]
        with pytest.raises(KeyReused):
            await agent.ask(**{**asked, **other})  # type: ignore[arg-type]
        assert len(await said(agent, first.thread_id)) == 2


async def test_one_sent_twice_at_once_is_asked_once_and_answers_both(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as here, agent_over(settings, upstream) as there:
        asks = [
            asyncio.create_task(agent.ask("How many ships?", image=data_uri(), key="k"))
            for agent in (here, here, there)
        ]
        await upstream.started.wait()
        await asyncio.sleep(0.1)
        upstream.may_answer.set()
        turns = await asyncio.gather(*asks)
    assert turns[0] == turns[1] == turns[2]
    assert len(upstream.asked) == 1


async def test_one_that_still_runs_can_be_refused_instead(settings: Settings) -> None:
    upstream = Upstream(held=True)
    async with agent_over(settings, upstream) as here, agent_over(settings, upstream) as there:
        first = asyncio.create_task(here.ask("How many?", image=data_uri(), key="k"))
        await upstream.started.wait()
        for agent in (here, there):
            with pytest.raises(TurnRunning):
                await agent.ask("How many?", image=data_uri(), key="k", when_busy="refuse")
        upstream.may_answer.set()
        await first
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("options", [{"key": ""}, {"key": "a b"}, {"key": "é"}, {"turn_id": "/"}])
async def test_what_is_no_key_is_a_bad_request(settings: Settings, options: dict[str, str]) -> None:
    async with agent_over(settings, Upstream()) as agent:
        with pytest.raises(BadRequest):
            await agent.ask("How many?", image=data_uri(), **options)  # type: ignore[arg-type]


async def test_a_turn_that_failed_is_returned_as_it_failed(settings: Settings) -> None:
    upstream = Upstream(failing=True)
    async with agent_over(settings, upstream) as agent:
        first = await agent.ask("How many?", image=data_uri(), key="k")
        upstream.failing = False
        again = await agent.ask("How many?", image=data_uri(), key="k")
        other = await agent.ask("How many?", image=data_uri(), key="another")
    assert first.error is not None
    assert again == first
    assert other.status == "answered"
