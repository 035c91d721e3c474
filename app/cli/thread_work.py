"""What `swath threads` does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import typer

from app.agent import Agent, open_agent
from app.cli.images import seconds
from app.cli.trouble import read_settings, told_plainly
from app.cli.words import say, say_json
from app.services.threads.catalogue import ThreadSummary
from app.services.threads.transcript import Message
from app.tracing import whole_id

T = TypeVar("T")
WIDEST_ROLE = len("assistant")


def listed(limit: int, *, as_json: bool) -> None:
    """Prints the threads."""
    found = _with_agent(lambda agent: agent.threads.catalogue.listed(limit))
    if as_json:
        say_json([each.model_dump() for each in found])
        return
    for each in found:
        say(thread_line(each))
    typer.echo(f"{len(found)} threads", err=True)


def thread_line(each: ThreadSummary) -> str:
    """A thread at a glance."""
    open_turns = f"  {each.open_turns} open" if each.open_turns else ""
    return f"{each.thread_id}  {_minute(each.updated)}  {each.turns:>5} turns{open_turns}"


def shown(thread_id: str, *, as_json: bool) -> None:
    """Prints a transcript."""
    found = _with_agent(lambda agent: _known(agent, thread_id))
    if as_json:
        say_json([message.model_dump() for message in found])
        return
    for message in found:
        say(f"{_minute(message.created)}  {message.role:<{WIDEST_ROLE}}  {message.content}")


async def _known(agent: Agent, beginning: str) -> list[Message]:
    return await whole_transcript(agent, await whole_id(agent.threads, beginning))


async def whole_transcript(agent: Agent, thread_id: str) -> list[Message]:
    """All that was said in a thread; nothing where there is none."""
    found: list[Message] = []
    while page := await agent.transcript(thread_id, after=len(found), limit=1000):
        found += page
    return found


def removed(thread_ids: Sequence[str], *, as_json: bool) -> None:
    """Removes threads by their ids."""

    async def remove(agent: Agent) -> None:
        for thread_id in thread_ids:
            await agent.delete_thread(thread_id)
            typer.echo(f"swath: removed {thread_id}", err=True)

    _with_agent(remove)
    if as_json:
        say_json({"threads": list(thread_ids)})


def pruned(older_than: str, *, as_json: bool) -> None:
    """Removes old threads."""
    age_s = seconds(older_than)
    gone = _with_agent(lambda agent: agent.prune(age_s))
    if as_json:
        say_json({"threads": gone})
    else:
        say(f"{len(gone)} threads removed")


def resumed(*, as_json: bool) -> None:
    """Finishes open turns."""
    count = _with_agent(lambda agent: agent.resume())
    if as_json:
        say_json({"turns": count})
    else:
        say(f"{count} turns finished")


def _with_agent(work: Callable[[Agent], Awaitable[T]]) -> T:
    settings = read_settings()

    async def done() -> T:
        async with open_agent(settings, isolated=False) as agent:
            return await work(agent)

    with told_plainly():
        return asyncio.run(done())


def _minute(seconds_since_1970: float) -> str:
    return datetime.fromtimestamp(seconds_since_1970, UTC).strftime("%Y-%m-%d %H:%M")
