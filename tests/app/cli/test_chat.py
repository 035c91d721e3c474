from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import typer

from app.agent import Agent
from app.cli.chat_commands import DOES, carry_out
from app.cli.chat_lines import COMMANDS, line_of
from app.cli.chat_talk import Chat
from app.errors import BadRequest
from app.settings import Settings
from imagery import ImageryError
from tests.app.agents import agent_over
from tests.fakes import FakeService, completion, png

pytestmark = pytest.mark.anyio


@pytest.fixture
def vqa() -> FakeService:
    return FakeService()


@pytest.fixture
async def agent(tmp_path: Path, vqa: FakeService) -> AsyncIterator[Agent]:
    (tmp_path / "harbor.png").write_bytes(png())
    async with agent_over(Settings(data_dir=tmp_path, _env_file=None), vqa, engine="vlm") as agent:
        yield agent


async def say(chat: Chat, tmp_path: Path, *typed: str) -> None:
    for each in typed:
        await carry_out(chat, line_of(each.replace("@", f"{tmp_path}/")))


def test_every_command_that_is_listed_does_something() -> None:
    assert {*DOES, "quit"} == set(COMMANDS)


async def test_a_chat_remembers_its_image_and_what_was_said(
    agent: Agent, vqa: FakeService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = Chat(agent, as_json=False, person=False)
    await say(chat, tmp_path, "@harbor.png", "How many ships are there?", "And planes?")
    said = capsys.readouterr().out
    assert "image harbor.png: 64 x 48 px image/png" in said
    assert said.count("Three ships.\n") == 2
    assert "vqa/counting (how many) · engine a-vlm" in said
    assert [message["role"] for message in vqa.bodies[1]["messages"]] == [
        "user",
        "assistant",
        "user",
    ]


async def test_a_thread_that_is_gone_on_with_shows_its_last_messages_and_has_its_image(
    agent: Agent, vqa: FakeService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Chat(agent, as_json=False, person=True)
    await say(first, tmp_path, "@harbor.png", "How many ships are there?")
    capsys.readouterr()
    again = Chat(agent, as_json=False, person=True)
    await say(again, tmp_path, f"/thread {first.thread_id}", "And planes?")
    assert capsys.readouterr().out.startswith(
        "> How many ships are there?\nThree ships.\nimage harbor.png: 64 x 48 px image/png\n"
    )
    assert again.asked == ["How many ships are there?", "And planes?"]


async def test_a_turn_that_fails_leaves_the_chat_as_it_was_and_can_be_asked_again(
    agent: Agent, vqa: FakeService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = Chat(agent, as_json=False, person=False)
    vqa.steps = [httpx.Response(400, json={"error": {"message": "no such \x1b[2Jmodel"}}),
                 httpx.Response(200, json=completion())]  # fmt: skip
    await say(chat, tmp_path, "@harbor.png")
    with pytest.raises(typer.Exit):
        await say(chat, tmp_path, "How many ships are there?")
    with pytest.raises(ImageryError):
        await say(chat, tmp_path, "@missing.png")
    told = capsys.readouterr()
    assert "no such [2Jmodel" in told.err
    assert "Three" not in told.out
    await say(chat, tmp_path, "/retry")
    assert capsys.readouterr().out.startswith("Three ships.\n")


async def test_as_json_each_turn_is_a_line_and_nothing_else_is_on_stdout(
    agent: Agent, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = Chat(agent, as_json=True, person=False)
    await say(chat, tmp_path, "@harbor.png", "How many ships are there?", "/log", "/threads")
    with pytest.raises(typer.Exit):
        await say(chat, tmp_path, "x" * 30_000)
    answered, refused = map(json.loads, capsys.readouterr().out.splitlines())
    assert (answered["content"], answered["thread_id"]) == ("Three ships.", chat.thread_id)
    assert (refused["status"], refused["error"]["code"]) == ("failed", "bad_request")


async def test_the_commands_tell_of_the_image_and_the_last_turn(
    agent: Agent, vqa: FakeService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = Chat(agent, as_json=False, person=False)
    await say(chat, tmp_path, "@harbor.png", "How many ships are there?")
    for command, words in {
        "/help": "/caption [WORDS]",
        "/image": "image harbor.png: 64 x 48 px",
        "/inspect": "64 x 48 px · image/png · photo, uint8",
        "/route and planes?": "vqa/counting",
        "/trace": 'turn 1  "How many ships are there?"',
        "/log": "VQA (counting): Calling service...",
        "/threads": f"* {chat.thread_id}",
    }.items():
        capsys.readouterr()
        await say(chat, tmp_path, command)
        assert words in capsys.readouterr().out, command
    await say(chat, tmp_path, "/evidence @seen.png")
    assert "outlines nothing" in capsys.readouterr().err
    before = chat.thread_id
    await say(chat, tmp_path, "/new")
    assert chat.thread_id != before
    assert chat.image is not None


async def test_wishes_for_a_description_go_to_the_model_as_a_request(
    agent: Agent, vqa: FakeService, tmp_path: Path
) -> None:
    chat, captioning = Chat(agent, as_json=False, person=False), FakeService()
    async with agent_over(agent.settings, vqa, captioning, engine="vlm") as other:
        chat.agent = other
        await say(chat, tmp_path, "@harbor.png", "/caption two sentences, in French")
    words = captioning.bodies[0]["messages"][-1]["content"][-1]["text"]
    assert "Describe this satellite image: two sentences, in French" in words
    assert "Use exactly 2 sentences, write in French." in words


@pytest.mark.parametrize(
    "typed", ["/nothing", "/route", "/inspect", "/caption", "/trace", "/retry", "/thread a b"]
)
async def test_what_cannot_be_done_is_said(agent: Agent, tmp_path: Path, typed: str) -> None:
    chat = Chat(agent, as_json=False, person=False)
    with pytest.raises((typer.Exit, BadRequest)):
        await say(chat, tmp_path, typed)
