"""What a model is sent, what the embedded engine is sent, and what comes of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.settings import Settings
from tests.app.agents import agent_over
from tests.fakes import FakeService, completion, data_uri, png

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None)


def says(text: str, **extra: Any) -> FakeService:
    return FakeService([httpx.Response(200, json=completion(text, **extra))])


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


async def test_the_embedded_engine_gets_questions_as_they_were_asked(settings: Settings) -> None:
    vqa = says("Three.")
    async with agent_over(settings, vqa, engine="measure") as agent:
        await agent.ask("How many ships are there?", image=data_uri(), thread_id="t")
        await agent.ask("and planes?", thread_id="t")
    (first,), second = (body["messages"] for body in vqa.bodies)
    assert first["content"][1]["text"] == "How many ships are there?"
    assert second[0]["content"] == first["content"]
    assert [one["content"] for one in second[1:]] == ["Three.", "and planes?"]
    assert not any("logprobs" in body for body in vqa.bodies)


async def test_the_embedded_engine_is_asked_to_be_short_where_there_are_only_wishes(
    settings: Settings,
) -> None:
    local = says("A harbour.")
    async with agent_over(settings, says("Yes."), local, engine="measure") as agent:
        for words in ("in two sentences, for a child", ""):
            await agent.ask(words, image=data_uri(), task="captioning")
    sent = [body["messages"][0]["content"][1]["text"] for body in local.bodies]
    assert sent == ["Describe this satellite image.", "Describe this satellite image in detail."]


async def test_it_in_a_second_part_is_what_the_first_part_asks_about(settings: Settings) -> None:
    message = "Is there a pool, and what colour is it? How many cars are there?"
    vlm, local = says("Yes."), says("Yes.")
    async with agent_over(settings, vlm, engine="upstream") as agent:
        await agent.ask(message, image=data_uri())
    sent = sorted(body["messages"][0]["content"][1]["text"] for body in vlm.bodies)
    assert [words.splitlines()[0] for words in sent] == [
        "(What the question refers to may be in this, which is answered apart: Is there a pool)",
        "How many cars are there?",
        "Is there a pool",
    ]
    async with agent_over(settings, local, engine="measure") as agent:
        await agent.ask(message, image=data_uri())
    colour = next(body for body in local.bodies if len(body["messages"]) == 2)
    assert colour["messages"][0]["content"][1]["text"] == "Is there a pool"
    assert colour["messages"][1]["content"] == "what colour is it?"


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
