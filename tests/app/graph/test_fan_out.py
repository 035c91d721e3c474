"""Turns of several tasks, over the real graph, client and ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.context import AgentContext
from app.orchestrator import build_graph, call_vqa_node
from app.services.vision import VqaReply
from app.settings import Settings
from imagery.store import ImageStore
from tests.app.agents import agent_over
from tests.fakes import FakeService, completion, data_uri

pytestmark = pytest.mark.anyio

BOTH = "Describe the scene and count the ships."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None)


def says(text: str, **extra: Any) -> FakeService:
    return FakeService([httpx.Response(200, json=completion(text, **extra))])


async def test_two_tasks_are_answered_in_the_order_they_were_asked(settings: Settings) -> None:
    async with agent_over(settings, says("Three."), says("A harbour.")) as agent:
        turn = await agent.ask(BOTH, image=data_uri(), thread_id="t")
        transcript = await agent.transcript("t")
        state = await agent.graph.aget_state({"configurable": {"thread_id": "t"}})
    assert [one.task for one in turn.answers] == ["captioning", "vqa"]
    assert turn.answer == "A harbour.\n\nThree."
    assert turn.answers[1].value == 3
    assert [message.content for message in transcript] == [BOTH, "A harbour.", "Three."]
    assert [one.content for one in state.values["messages"]] == [BOTH, "A harbour.", "Three."]
    assert (state.values["vqa_result"], state.values["caption_result"]) == ("Three.", "A harbour.")


async def test_a_part_that_fails_leaves_the_other_standing(settings: Settings) -> None:
    down = FakeService([httpx.Response(503)])
    async with agent_over(settings, down, says("A harbour.")) as agent:
        turn = await agent.ask(BOTH, image=data_uri())
    assert (turn.status, turn.error) == ("answered", None)
    assert [one.status for one in turn.answers] == ["answered", "failed"]
    assert turn.answer.startswith('A harbour.\n\nI could not answer "count the ships')
    assert turn.answers[1].error is not None
    assert turn.answers[1].error["code"] == "vision_unavailable"
    assert "VQA: Failed - " in str(turn.log)


async def test_a_part_that_fails_by_a_fault_of_ours_leaves_the_other_standing(
    settings: Settings,
) -> None:
    async with agent_over(settings, says("Three."), says("A harbour.")) as agent:

        async def broken(*_args: Any, **_options: Any) -> VqaReply:
            raise KeyError("/a/path and sk-canary-123456")

        agent.vision.call_vqa = broken  # type: ignore[method-assign]
        turn = await agent.ask(BOTH, image=data_uri(), thread_id="t")
        again = await agent.ask("Describe it", thread_id="t")
    assert [one.status for one in turn.answers] == ["answered", "failed"]
    assert "canary" not in turn.model_dump_json()
    assert again.answer == "A harbour."


async def test_if_every_part_fails_the_turn_has_failed(settings: Settings) -> None:
    down = FakeService([httpx.Response(503)])
    async with agent_over(settings, down, down) as agent:
        turn = await agent.ask(BOTH, image=data_uri())
    assert turn.status == "failed"
    assert turn.error is not None


async def test_tasks_run_side_by_side_and_no_more_than_four_at_once(settings: Settings) -> None:
    running, most = 0, 0

    async def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        return httpx.Response(200, json=completion())

    class Slow(FakeService):
        @property
        def transport(self) -> httpx.AsyncBaseTransport:
            return httpx.MockTransport(answer)

    message = (
        "How many ships are there? Is there water? How much is forest? How many cars are there? "
        "Is it cloudy?"
    )
    async with agent_over(settings, Slow()) as agent:
        turn = await agent.ask(message, image=data_uri())
    assert len(turn.answers) == 5
    assert most == 4


async def test_a_task_without_a_model_stands_beside_one_with(settings: Settings) -> None:
    async with agent_over(settings, says("Three.")) as agent:
        turn = await agent.ask(
            "How many ships are there? And draw boxes around them.", image=data_uri()
        )
    assert [one.status for one in turn.answers] == ["answered", "refused"]
    assert "cannot draw boxes" in turn.answer


async def test_running_a_turn_of_two_tasks_again_doubles_nothing(settings: Settings) -> None:
    from app.asked import Asked  # noqa: PLC0415

    async with agent_over(settings, says("Three."), says("A harbour.")) as agent:
        ref = await agent.keep_image(data_uri())
        row = (await agent.threads.ledger.accept(Asked(BOTH).turn("t", "x", None, ref.url))).row
        assert row is not None
        first = await agent._run(row)
        again = await agent._run(row)
    assert len(first["answers"]) == len(again["answers"]) == 2
    assert len(again["messages"]) == 3
    assert len(again["execution_log"]) == len(first["execution_log"])


async def test_each_task_has_a_job_of_its_own(settings: Settings) -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/async"):
            keys.append(request.headers["Idempotency-Key"])
            return httpx.Response(202, json={"call_id": f"fc-{len(keys)}", "status": "pending"})
        return httpx.Response(200, json=completion())

    class WithJobs(FakeService):
        @property
        def transport(self) -> httpx.AsyncBaseTransport:
            return httpx.MockTransport(answer)

    async with agent_over(settings, WithJobs(), WithJobs(), sync_limit_s=1) as agent:
        turn = await agent.ask(BOTH, image=data_uri())
        noted = await agent.threads.ledger.jobs(turn.turn_id)
    assert sorted(keys) == [f"{turn.turn_id}/0", f"{turn.turn_id}/1"]
    assert set(noted) == {"0", "1"}
    assert all(one.detail["call_id"].startswith("fc-") for one in turn.answers)


async def test_the_guides_node_runs_by_itself_with_the_guides_keys(tmp_path: Path) -> None:
    from langgraph.runtime import Runtime  # noqa: PLC0415

    settings = Settings(data_dir=tmp_path, _env_file=None)
    async with agent_over(settings, says("Three.")) as agent:
        ref = await agent.keep_image(data_uri())
        context = AgentContext(agent.vision, ImageStore(tmp_path / "images", settings.image_limits))
        update = await call_vqa_node(
            {
                "turn_id": "x",
                "user_query": "How many?",
                "image_url": ref.url,
                "image": ref.model_dump(mode="json"),
                "vqa_type": "counting",
            },
            Runtime(context=context),
        )
    assert update["vqa_result"] == "Three."
    assert [message.content for message in update["messages"]] == ["Three."]
    assert [entry["message"] for entry in update["execution_log"]] == [
        "VQA (counting): Calling service...",
        "VQA: Success (Three....)",
    ]


async def test_the_graphs_output_is_apart_from_its_inner_state() -> None:
    graph = build_graph()
    assert set(graph.get_input_jsonschema()["properties"]) == {
        "turn_id", "user_query", "image_url", "task", "vqa_type", "instructions",
    }  # fmt: skip
    assert set(graph.get_output_jsonschema()["properties"]) == {
        "turn_id", "messages", "image", "plan", "answer", "answers", "vqa_result",
        "caption_result", "execution_log",
    }  # fmt: skip


async def test_cancelling_an_ask_cancels_every_call_of_its_tasks(settings: Settings) -> None:
    begun, ended = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def answer(_request: httpx.Request) -> httpx.Response:
        begun.release()
        try:
            await asyncio.Event().wait()
        finally:
            ended.release()
        raise AssertionError

    class Hanging(FakeService):
        @property
        def transport(self) -> httpx.AsyncBaseTransport:
            return httpx.MockTransport(answer)

    async with agent_over(settings, Hanging(), Hanging()) as agent:
        asked = asyncio.create_task(agent.ask(BOTH, image=data_uri()))
        async with asyncio.timeout(10):
            await begun.acquire()
            await begun.acquire()
            asked.cancel()
            await ended.acquire()
            await ended.acquire()
        with pytest.raises(asyncio.CancelledError):
            await asked


@pytest.mark.parametrize("durability", ["exit", "debug"])
async def test_parts_of_the_last_turn_do_not_leak_into_the_next(
    settings: Settings, durability: str
) -> None:
    chosen = settings.model_copy(update={"durability": durability})
    async with agent_over(chosen, says("Three."), says("A harbour.")) as agent:
        await agent.ask(BOTH, image=data_uri(), thread_id="t")
        turn = await agent.ask("How many cars are there?", thread_id="t")
    assert [one.asked for one in turn.answers] == ["How many cars are there?"]
