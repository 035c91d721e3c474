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
from tests.fakes import FakeService, completion, data_uri, png

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


async def test_a_model_gets_the_last_turns_and_the_picture_first(settings: Settings) -> None:
    vqa = says("Three.")
    async with agent_over(settings, vqa, engine="upstream") as agent:
        await agent.ask("How many ships are there?", image=data_uri(), thread_id="t")
        await agent.ask("What colour are they?", thread_id="t")
        await agent.ask("How many cars are there?", image=data_uri(png(50, 40)), thread_id="t")
    first, second, third = (body["messages"] for body in vqa.bodies)
    assert [message["role"] for message in second] == ["user", "assistant", "user"]
    assert second[0]["content"][0] == first[0]["content"][0]
    assert second[0]["content"][1]["text"] == "How many ships are there?"
    assert second[1]["content"] == "Three."
    assert second[2]["content"].startswith("What colour are they?\n")
    assert len(third) == 1  # another picture: what was said of the first is not about it


async def test_the_embedded_engine_gets_the_question_alone(settings: Settings) -> None:
    vqa = says("Three.")
    async with agent_over(settings, vqa, engine="measure") as agent:
        await agent.ask("How many ships are there?", image=data_uri(), thread_id="t")
        await agent.ask("Is there water?", thread_id="t")
    assert [body["messages"][0]["content"][1]["text"] for body in vqa.bodies] == [
        "How many ships are there?",
        "Is there water?",
    ]
    assert all(len(body["messages"]) == 1 and "logprobs" not in body for body in vqa.bodies)


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


async def test_what_was_measured_is_taken_as_measured_with_its_mask_in_the_store(
    settings: Settings,
) -> None:
    measured = {
        "intent": "share", "answered": True, "value": 46, "unit": "%", "range": [41, 50],
        "method": "two rules", "confidence": 0.93, "confidence_from": "28 of 30 were right",
        "mask": data_uri(png(8, 8)), "caveats": ["By colour alone."],
    }  # fmt: skip
    told = {"engine": "measure", "answered": True, "method": "two rules", "caveats": ["A caveat."]}
    vqa = says("About 46 % (99 ships).", swath=told, measurements=[measured])
    async with agent_over(settings, vqa) as agent:
        turn = await agent.ask("How much of the image is water?", image=data_uri())
        [answer] = turn.answers
        mask = answer.measurements[0].mask
        assert mask is not None
        assert (await agent.picture(mask))[1] == "image/png"
    assert (answer.value, answer.unit, answer.range) == (46, "%", (41, 50))
    assert (answer.confidence, answer.confidence_from) == (0.93, "28 of 30 were right")
    assert answer.caveats == ("A caveat.",)
    assert answer.raw == "About 46 % (99 ships)."


async def test_a_model_is_asked_for_the_probabilities_of_a_yes_or_no(settings: Settings) -> None:
    top = [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": -2.4}]
    body = completion("Yes.")
    body["choices"][0]["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
    vqa = FakeService([httpx.Response(200, json=body)])
    async with agent_over(settings, vqa, engine="upstream") as agent:
        turn = await agent.ask("Is there water?", image=data_uri(), thread_id="t")
        await agent.ask("How many ships are there?", thread_id="t")
    assert turn.answers[0].value is True
    assert turn.answers[0].confidence == pytest.approx(0.909, abs=0.001)
    assert [body.get("logprobs") for body in vqa.bodies] == [True, None]


async def test_a_server_that_refuses_probabilities_is_asked_without_and_not_again(
    settings: Settings,
) -> None:
    refused = httpx.Response(400, json={"error": {"message": "logprobs are not supported"}})
    vqa = FakeService([refused, httpx.Response(200, json=completion("Yes."))])
    async with agent_over(settings, vqa, engine="upstream") as agent:
        turn = await agent.ask("Is there water?", image=data_uri(), thread_id="t")
        again = await agent.ask("Is there a road?", thread_id="t")
    assert (turn.status, again.status) == ("answered", "answered")
    assert ["logprobs" in body for body in vqa.bodies] == [True, False, False]
    assert turn.answers[0].confidence is None


async def test_where_rules_are_unsure_a_model_chooses_once_from_words_alone(
    settings: Settings,
) -> None:
    vqa = FakeService(
        [httpx.Response(200, json=completion("a count")), httpx.Response(200, json=completion("3"))]
    )
    async with agent_over(settings, vqa, engine="upstream") as agent:
        turn = await agent.ask("harbour vessels tally", image=data_uri())
    choice, question = vqa.bodies
    assert choice["structured_outputs"]["choice"][:2] == ["yes or no", "a count"]
    assert isinstance(choice["messages"][0]["content"], str)
    assert "structured_outputs" not in question
    assert (turn.route["source"], turn.vqa_type) == ("model", "counting")


async def test_the_embedded_engine_is_never_asked_to_choose(settings: Settings) -> None:
    vqa = says("3")
    async with agent_over(settings, vqa, engine="measure") as agent:
        turn = await agent.ask("harbour vessels tally", image=data_uri())
    assert len(vqa.requests) == 1
    assert turn.route["source"] == "fallback"


async def test_a_server_that_does_not_choose_is_asked_to_once(settings: Settings) -> None:
    refused = httpx.Response(400, json={"error": "structured_outputs is unknown"})
    vqa = FakeService([refused, httpx.Response(200, json=completion("3"))])
    async with agent_over(settings, vqa, engine="upstream") as agent:
        for _ in range(3):
            turn = await agent.ask("harbour vessels tally", image=data_uri())
            assert (turn.status, turn.route["source"]) == ("answered", "fallback")
    assert ["structured_outputs" in body for body in vqa.bodies] == [True, False, False, False]


async def test_a_service_is_asked_what_it_is_once(settings: Settings) -> None:
    health = {"status": "ok", "engine": "measure", "state": "ready", "model": "m"}
    vqa = FakeService([httpx.Response(200, json=health), httpx.Response(200, json=completion())])
    async with agent_over(settings, vqa, engine=None) as agent:
        for _ in range(3):
            await agent.ask("How many ships are there?", image=data_uri())
    assert [request.url.path for request in vqa.requests].count("/health") == 1
    assert vqa.bodies[0]["messages"][0]["content"][1]["text"] == "How many ships are there?"


async def test_a_constraint_that_a_description_does_not_keep_is_a_caveat(
    settings: Settings,
) -> None:
    captioning = says("A harbour. And a town.")
    async with agent_over(settings, says(""), captioning, engine="upstream") as agent:
        turn = await agent.ask("Describe it in one sentence", image=data_uri())
    assert captioning.bodies[0]["messages"][0]["content"][1]["text"].endswith(
        "Use exactly 1 sentence."
    )
    assert turn.answers[0].caveats == ("It has 2 sentences; exactly 1 was asked for.",)
    assert turn.detail["caveats"] == list(turn.answers[0].caveats)


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
