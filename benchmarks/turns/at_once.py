"""Ten messages at once on one thread: in one process, and from two."""

from __future__ import annotations

import asyncio
import functools
import json
import os
from typing import Any

from app.agent import Agent, open_agent
from app.errors import ThreadBusy
from app.settings import Settings
from benchmarks.turns.chaos import Verdict, compare
from benchmarks.turns.driver import answer, question
from benchmarks.turns.fleet import Process, Record

MESSAGES = 10


def at_once(settings: Settings, image: str) -> dict[str, Any]:
    """Asks ten at once three times: in one process, from two, and where a busy thread refuses."""
    one = asyncio.run(_one_process(settings, image))
    two = _two_processes(settings, image)
    refused = asyncio.run(_refusing(settings, image))
    good = one["in_order"] and two["answered"] == MESSAGES and two["whole"] and refused["whole"]
    return {"one_process": one, "two_processes": two, "refusing": refused, "good": good}


async def _one_process(settings: Settings, image: str) -> dict[str, Any]:
    async with open_agent(settings, isolated=False) as agent:
        await asyncio.gather(*(_ask(agent, "one", number, image) for number in range(MESSAGES)))
        verdict = Verdict()
        compare(await _said(agent, "one"), "one", MESSAGES, verdict)
    return {"in_order": verdict.good}


def _two_processes(settings: Settings, image: str) -> dict[str, Any]:
    half = MESSAGES // 2
    record = Record()
    parts = [range(half), range(half, MESSAGES)]
    processes = [Process(functools.partial(_part, settings, image, part)) for part in parts]
    codes = [process.wait(record) for process in processes]

    async def whole() -> bool:
        async with open_agent(settings, isolated=False) as agent:
            said = await _said(agent, "two")
        # The processes have no order between them: each one's messages are to be in order.
        pairs = [(said[at][1], said[at + 1][1]) for at in range(0, len(said), 2)]
        wanted = {question("two", n): answer("two", n) for n in range(MESSAGES)}
        orders = [[q for q, _ in pairs if q in {question("two", n) for n in p}] for p in parts]
        kept = [[question("two", n) for n in part] for part in parts]
        return dict(pairs) == wanted and len(pairs) == MESSAGES and orders == kept

    answered = sum(len(each) for each in record.got.values())
    return {"answered": answered, "whole": asyncio.run(whole()) and codes == [0, 0]}


def _part(settings: Settings, image: str, numbers: range, pipe: int) -> None:
    async def ask_all() -> None:
        async with open_agent(settings, isolated=False) as agent:

            async def one(number: int) -> None:
                content = await _ask(agent, "two", number, image)
                line = json.dumps(["got", "two", number, content])
                os.write(pipe, line.encode() + b"\n")

            await asyncio.gather(*map(one, numbers))

    asyncio.run(ask_all())


async def _refusing(settings: Settings, image: str) -> dict[str, Any]:
    impatient = settings.model_copy(update={"when_busy": "refuse"})
    async with open_agent(impatient, isolated=False) as agent:
        asks = [_ask(agent, "three", number, image) for number in range(MESSAGES)]
        found = await asyncio.gather(*asks, return_exceptions=True)
        said = await _said(agent, "three")
    refused = sum(isinstance(each, ThreadBusy) for each in found)
    answers = [each for each in found if isinstance(each, str)]
    whole = refused + len(answers) == MESSAGES
    kept = [content for role, content in said if role == "assistant"]
    return {"answered": len(answers), "refused": refused, "whole": whole and kept == answers}


async def _ask(agent: Agent, thread: str, number: int, image: str) -> str:
    turn = await agent.ask(question(thread, number), image=image, thread_id=thread)
    return turn.content


async def _said(agent: Agent, thread: str) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in await agent.transcript(thread)]
