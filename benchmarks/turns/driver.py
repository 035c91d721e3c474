"""A process that asks until it is killed: clients with a few messages on their way each.

It says on a pipe what it does, a line at a time: `sent THREAD NUMBER` before a message is sent,
`got THREAD NUMBER CONTENT` when it is answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass

from app.agent import Agent, open_agent
from app.settings import Settings

AT_ONCE = 2  # messages of one client on their way
RESUME_EVERY_S = 0.5


@dataclass(frozen=True)
class Plan:
    """What a process is to do.

    Attributes:
        threads: its clients' threads, each with the number of its first unanswered message.
        upto: where each thread ends; None: at no message.
        image: the picture that all ask about.
    """

    threads: Mapping[str, int]
    upto: Mapping[str, int] | None
    image: str


def run(settings: Settings, plan: Plan, pipe: int) -> None:
    """Asks until everything planned is answered, or for ever."""
    asyncio.run(_run(settings, plan, pipe))


async def _run(settings: Settings, plan: Plan, pipe: int) -> None:
    async with open_agent(settings, isolated=False) as agent:
        resuming = asyncio.create_task(agent.keep_resuming(RESUME_EVERY_S))
        async with asyncio.TaskGroup() as clients:
            for thread, start in plan.threads.items():
                clients.create_task(_client(agent, plan, thread, start, pipe))
        resuming.cancel()
        await asyncio.gather(resuming, return_exceptions=True)


async def _client(agent: Agent, plan: Plan, thread: str, start: int, pipe: int) -> None:
    """Sends in order, with a few on their way; those of an earlier life again, with their keys."""
    number, end = start, None if plan.upto is None else plan.upto[thread]
    free = asyncio.Semaphore(AT_ONCE)

    async def one(at: int) -> None:
        turn = await agent.ask(
            question(thread, at), image=plan.image, thread_id=thread, key=f"{thread}/{at}"
        )
        _say(pipe, "got", thread, at, turn.content)
        free.release()

    async with asyncio.TaskGroup() as asks:
        while end is None or number < end:
            await free.acquire()
            _say(pipe, "sent", thread, number)
            asks.create_task(one(number))
            number += 1
            await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311 - a delay


def question(thread: str, number: int) -> str:
    """A message that tells itself apart."""
    return f"How many ships are there in lot {thread}-{number}?"


def answer(thread: str, number: int) -> str:
    """What the upstream answers."""
    return f"Three in lot {thread}-{number}."


def _say(pipe: int, *words: object) -> None:
    os.write(pipe, json.dumps(words).encode() + b"\n")  # short enough to come whole
