from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.agent import open_agent
from app.asked import Asked
from app.errors import BadRequest
from app.settings import Settings
from app.turn import Turn
from imagery import ImageNotFound, Limits, NotAnImage
from imagery.prepare import Prepared, prepared
from imagery.reading import Reading
from imagery.store import ImageStore
from tests.app.agents import agent_over
from tests.fakes import FakeService, completion, data_uri, noise_png, png

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None)


def lines(turn: Turn) -> list[str]:
    return [entry["message"] for entry in turn.execution_log]


async def test_a_question_is_answered_and_the_log_tells_the_way(settings: Settings) -> None:
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        turn = await agent.ask("How many ships are there?", image=data_uri())
    assert (turn.task, turn.vqa_type, turn.status) == ("vqa", "counting", "answered")
    assert turn.content == "Three ships."
    assert lines(turn) == [
        "Ingest: 64 x 48 px image/png",
        "Classify: vqa/counting (rule: how many)",
        "VQA (counting): Calling service...",
        "VQA: Success (Three ships....)",
        "Turn: answered",
    ]
    assert [entry["attempt"] for entry in turn.execution_log if entry["attempt"]] == [1]


async def test_a_service_receives_our_picture_never_the_users(settings: Settings) -> None:
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        await agent.ask("How many?", image=data_uri(png(80, 80) + b"trailing secret"))
    url = vqa.bodies[0]["messages"][0]["content"][0]["image_url"]["url"]
    assert url.startswith("data:image/png;base64,")
    assert url != data_uri(png(80, 80) + b"trailing secret")


async def test_a_caption_carries_the_users_own_words(settings: Settings) -> None:
    captioning = FakeService()
    async with agent_over(settings, FakeService(), captioning) as agent:
        turn = await agent.ask("Describe the harbour in ten words.", image=data_uri())
        await agent.ask("", image=data_uri())
    assert turn.task == "captioning"
    prompts = [body["messages"][0]["content"][1]["text"] for body in captioning.bodies]
    assert prompts == [
        "Describe the harbour in ten words.",
        "Describe this satellite image in detail.",
    ]


async def test_a_second_message_is_about_the_first_image(settings: Settings) -> None:
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        first = await agent.ask("How many ships?", image=data_uri(png(40, 36)))
        second = await agent.ask("Is there water?", thread_id=first.thread_id)
    assert second.image == first.image
    assert second.vqa_type == "yesno"
    urls = [body["messages"][0]["content"][0]["image_url"]["url"] for body in vqa.bodies]
    assert urls[0] == urls[1]


async def test_a_thread_survives_a_restart(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:
        first = await agent.ask("How many ships?", image=data_uri())
    async with agent_over(settings, FakeService()) as agent:
        second = await agent.ask("Is there water?", thread_id=first.thread_id)
        state = await agent.graph.aget_state({"configurable": {"thread_id": first.thread_id}})
    assert second.image == first.image
    assert [message.type for message in state.values["messages"]] == ["human", "ai"] * 2


async def test_nothing_of_the_last_turn_leaks_into_the_next(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:
        first = await agent.ask("How many?", image=data_uri(), vqa_type="counting")
        second = await agent.ask("Describe it", thread_id=first.thread_id)
        state = await agent.graph.aget_state({"configurable": {"thread_id": first.thread_id}})
    assert second.task == "captioning"
    assert state.values["vqa_result"] is None
    assert state.values["vqa_type"] is None
    assert state.values["caption_result"] == "Three ships."
    assert {entry["turn_id"] for entry in second.execution_log} == {second.turn_id}


async def test_the_callers_choice_wins(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:
        turn = await agent.ask("Describe it", image=data_uri(), task="vqa", vqa_type="area")
    assert (turn.task, turn.vqa_type, turn.route["source"]) == ("vqa", "area", "explicit")


@pytest.mark.parametrize(
    ("message", "image", "words"),
    [
        ("What is the capital of France?", data_uri(), "I answer questions about satellite images"),
        ("Draw boxes around the ships", data_uri(), "cannot draw boxes or masks yet"),
        ("How many ships?", None, "Send a satellite image first"),
    ],
)
async def test_what_needs_no_model_reaches_none(
    settings: Settings, message: str, image: str | None, words: str
) -> None:
    vqa, captioning = FakeService(), FakeService()
    async with agent_over(settings, vqa, captioning) as agent:
        turn = await agent.ask(message, image=image)
    assert words in turn.content
    assert (turn.status, turn.engine) == ("refused", None)
    assert vqa.requests == captioning.requests == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Hello!", "Hello. Ask about a satellite image"),
        ("ok, thanks a lot", "You are welcome."),
        ("bye", "All right."),
        ("what can you do?", "which engine and model"),
        ("Is there an API?", "/docs"),
    ],
)
async def test_small_talk_is_answered_as_it_is_meant(
    settings: Settings, message: str, words: str
) -> None:
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        turn = await agent.ask(message, image=data_uri())
    assert words in turn.content
    assert (turn.task, turn.status, turn.engine) == ("off_topic", "answered", None)
    assert vqa.requests == []


async def test_a_service_that_fails_is_an_answer_in_words_and_an_entry(settings: Settings) -> None:
    async with agent_over(settings, FakeService([httpx.Response(503)])) as agent:
        turn = await agent.ask("How many ships?", image=data_uri())
        state = await agent.graph.aget_state({"configurable": {"thread_id": turn.thread_id}})
    assert turn.status == "failed"
    assert turn.error is not None
    assert (turn.error["code"], turn.error["attempts"]) == ("vision_unavailable", 4)
    assert turn.execution_log[-2]["event"] == "error"
    assert state.values["messages"][-1].content == turn.content


async def test_ten_messages_at_once_on_one_thread_lose_nothing(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:
        first = await agent.ask("", image=data_uri())
        questions = [f"How many ships, {n}?" for n in range(9)]
        await asyncio.gather(*(agent.ask(q, thread_id=first.thread_id) for q in questions))
        state = await agent.graph.aget_state({"configurable": {"thread_id": first.thread_id}})
    messages = state.values["messages"]
    assert [message.type for message in messages] == ["human", "ai"] * 10
    assert {message.content for message in messages[2::2]} == set(questions)


async def test_checkpoint_bytes_do_not_grow_with_the_image(tmp_path: Path) -> None:
    async def bytes_after_three_turns(name: str, picture: bytes) -> int:
        settings = Settings(data_dir=tmp_path / name, _env_file=None)
        async with agent_over(settings, FakeService()) as agent:
            turn = await agent.ask("How many ships?", image=data_uri(picture))
            for _ in range(2):
                await agent.ask("Is there water?", thread_id=turn.thread_id)
        with contextlib.closing(sqlite3.connect(settings.data_dir / "threads.sqlite3")) as database:
            rows = database.execute("SELECT checkpoint, metadata FROM checkpoints").fetchall()
            writes = database.execute("SELECT value FROM writes").fetchall()
        stored = b"".join(bytes(column) for row in (*rows, *writes) for column in row if column)
        assert stored
        assert b"base64" not in stored
        return len(stored)

    large = noise_png(2_000_000)
    assert len(large) > 2_000_000
    small_bytes = await bytes_after_three_turns("small", png())
    large_bytes = await bytes_after_three_turns("large", large)
    assert abs(large_bytes - small_bytes) < 500
    assert large_bytes < 50_000


async def test_running_a_turn_again_with_its_id_adds_nothing(settings: Settings) -> None:
    """Guards an undocumented behaviour of LangGraph that later work builds upon."""
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        ref = await agent.keep_image(data_uri())
        new = Asked("How many?").turn("thread", "t1", None, ref.url)
        row = (await agent.threads.ledger.accept(new)).row
        assert row is not None
        first = await agent._run(row)
        again = await agent._run(row)
    assert len(vqa.requests) == 1
    assert len(again["messages"]) == len(first["messages"]) == 2


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("", {}),
        ("   ", {}),
        ("\ud800", {"image": data_uri()}),
        ("x" * 20_001, {"image": data_uri()}),
        ("hi", {"thread_id": "../../etc"}),
        ("hi", {"thread_id": ""}),
    ],
)
async def test_what_cannot_be_asked_is_a_bad_request(
    settings: Settings, message: str, options: dict[str, Any]
) -> None:
    async with agent_over(settings, FakeService()) as agent:
        with pytest.raises(BadRequest):
            await agent.ask(message, **options)


async def test_a_picture_that_cannot_be_taken_asks_nobody(settings: Settings) -> None:
    vqa = FakeService()
    async with agent_over(settings, vqa) as agent:
        with pytest.raises(NotAnImage):
            await agent.ask("How many?", image=data_uri(b"<html></html>"))
        with pytest.raises(ImageNotFound):
            await agent.ask("How many?", image="sha256:" + "0" * 64)
    assert vqa.requests == []


async def test_a_turn_that_is_given_up_does_not_wait_for_its_picture(settings: Settings) -> None:
    reading, given_up, read = (threading.Event() for _ in range(3))

    def slowly(data: bytes | Path, limits: Limits, how: Reading) -> Prepared:
        reading.set()
        given_up.wait(30)
        read.set()
        return prepared(data, limits, how)

    async with agent_over(settings, FakeService()) as agent:
        agent.images = ImageStore(settings.data_dir / "slow", settings.image_limits, slowly)
        asked = asyncio.create_task(agent.ask("How many?", image=data_uri()))
        await asyncio.to_thread(reading.wait, 30)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert not read.is_set()
        given_up.set()


async def test_an_image_may_be_named_by_its_id(settings: Settings) -> None:
    async with agent_over(settings, FakeService()) as agent:
        ref = await agent.keep_bytes(png(), "upload")
        turn = await agent.ask("How many?", image=ref.url)
        assert (await agent.picture(ref.url))[1] == "image/png"
    assert turn.image == ref


async def test_with_nothing_configured_the_embedded_engine_answers(settings: Settings) -> None:
    async with open_agent(settings, isolated=False) as agent:
        turn = await agent.ask("What is the size of the image?", image=data_uri(png(40, 36)))
        caption = await agent.ask("", image=data_uri(png(40, 36)))
        health = await agent.health()
    assert (turn.engine, turn.model) == ("measure", "local-measurements")
    assert (caption.engine, caption.task) == ("measure", "captioning")
    assert {part["state"] for part in health.values()} == {"ready"}


async def test_health_tells_which_part_is_down(settings: Settings) -> None:
    async with agent_over(settings, FakeService([httpx.ConnectError("refused")])) as agent:
        health = await agent.health()
    assert health["vqa"]["state"] == "down"
    assert health["database"]["state"] == "ready"


async def test_a_turn_is_json(settings: Settings) -> None:
    answer = completion(swath={"engine": "measure", "answered": False, "caveats": ["c"]})
    async with agent_over(settings, FakeService([httpx.Response(200, json=answer)])) as agent:
        turn = await agent.ask("How many ships?", image=data_uri())
    assert json.loads(turn.model_dump_json())["status"] == "refused"
    assert turn.detail["caveats"] == ["c"]
