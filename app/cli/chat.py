"""swath chat: a conversation in the terminal, or a script of one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Coroutine, Iterator
from typing import Any

import typer

from app import __version__
from app.agent import Agent, open_agent
from app.cli.chat_commands import carry_out
from app.cli.chat_lines import Command, line_of
from app.cli.chat_prompt import piped_lines, typed_lines
from app.cli.chat_talk import Chat
from app.cli.patience import for_one_person
from app.cli.reading import Said, reading_of
from app.cli.trouble import FAILURE, INTERRUPTED, complain, read_settings, told_plainly
from app.settings import Settings


def run(image: str | None, said: Said, thread_id: str | None, *, as_json: bool) -> None:
    """Talks until the person leaves or the script ends; exits 1 where a line of a script failed."""
    settings = read_settings()
    person = sys.stdin.isatty() and sys.stdout.isatty()
    reading = reading_of(said)

    async def begin(chat: Chat) -> None:
        if image is not None:
            await chat.take(image, reading)
        if thread_id is not None:
            await chat.go_on_with(thread_id)
        elif person and image is None:
            chat.tell_image()

    with told_plainly(image or ""), asyncio.Runner() as runner, _opened(settings, runner) as agent:
        chat = Chat(agent, as_json=as_json, person=person)
        if person:
            typer.echo(_greeting(settings), err=True)
        runner.run(begin(chat))
        lines = typed_lines(settings.data_dir / "chat_history") if person else piped_lines()
        failed = _talk(chat, lines, runner, settings)
    if person and chat.begun:
        typer.echo(f"Go on with:  swath chat --thread {chat.thread_id}", err=True)
    if failed and not person:
        raise typer.Exit(FAILURE)


def _talk(chat: Chat, lines: Iterator[str], runner: asyncio.Runner, settings: Settings) -> bool:
    """Carries out line after line; whether one of them failed."""
    failed = False
    for text in lines:
        if not text.strip():
            continue
        line = line_of(text)
        if line == Command("quit"):
            break
        named = line.rest if isinstance(line, Command) else ""
        code = _outcome(runner, carry_out(chat, line), named, settings)
        if code == INTERRUPTED and not chat.person:
            raise typer.Exit(INTERRUPTED)
        failed = failed or bool(code)
    return failed


def _outcome(
    runner: asyncio.Runner, work: Coroutine[Any, Any, None], named: str, settings: Settings
) -> int:
    """Does a line's work; its exit code, were it a command. Ctrl-C ends the work alone."""
    try:
        with told_plainly(named):
            runner.run(work)
    except typer.Exit as end:
        if end.exit_code == INTERRUPTED:
            complain("cancelled")
        return end.exit_code
    except BrokenPipeError:
        raise
    except Exception as error:  # a fault of ours ends a line, not the chat
        if settings.development:
            raise
        complain(f"something went wrong in Swath itself ({type(error).__name__}: {error})")
        return FAILURE
    return 0


@contextlib.contextmanager
def _opened(settings: Settings, runner: asyncio.Runner) -> Iterator[Agent]:
    """An agent on the runner's loop, which rests while a person types."""
    with_agent = contextlib.AsyncExitStack()
    agent = runner.run(with_agent.enter_async_context(open_agent(for_one_person(settings))))
    try:
        yield agent
    finally:
        runner.run(with_agent.aclose())


def _greeting(settings: Settings) -> str:
    places = {settings.vqa_base_url, settings.caption_base_url}
    engines = [place or "measure: local measurements, no vision-language model" for place in places]
    return (
        f"Swath {__version__}. /help lists commands; Ctrl-D leaves.\n"
        f"engine {' and '.join(sorted(engines))}"
    )
