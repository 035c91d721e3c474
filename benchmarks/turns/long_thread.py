"""A thread of many turns: what its last turns cost, in time and bytes, against its first ones."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from app.agent import Agent, open_agent
from app.services.threads.database import statement
from app.settings import Settings
from benchmarks.turns.places import kept_picture

EARLY = range(10, 40)  # turns of a young thread, each compared with one of the old thread
LIMIT = 1.3
TABLES = {
    "swath_turns": "request, result, image_url",
    "swath_transcript": "content, metadata",
    "checkpoints": "checkpoint, metadata",
    "writes": "value",
    "checkpoint_blobs": "blob",
    "checkpoint_writes": "blob",
}


def long_thread(settings: Settings, turns: int) -> dict[str, Any]:
    """The ratio of the last turns to those from the tenth on; the embedded engine answers.

    Turns of the old thread and of a young one take turns, so that both meet the same machine and
    the same database.
    """
    local = settings.model_copy(update={"vqa_base_url": ""})
    return asyncio.run(_measured(local, turns))


async def _measured(settings: Settings, turns: int) -> dict[str, Any]:
    pairs: dict[str, list[tuple[float, int]]] = {"old": [], "young": []}
    async with open_agent(settings, isolated=False) as agent:
        image = await kept_picture(agent)
        began = time.perf_counter()
        for thread, count in (("old", turns - len(EARLY)), ("young", EARLY.start)):
            for number in range(count):
                await _turn(agent, thread, number, image)
        built_s = time.perf_counter() - began
        for number in EARLY:
            for thread, found in pairs.items():
                before, begun = await _bytes(agent), time.perf_counter()
                await _turn(agent, thread, number, image)
                took_ms = (time.perf_counter() - begun) * 1000
                found.append((took_ms, await _bytes(agent) - before))
    young, old = ([statistics.median(column) for column in zip(*pairs[name], strict=True)]
                  for name in ("young", "old"))  # fmt: skip
    ratios = [late / early for late, early in zip(old, young, strict=True)]
    return {
        "turns": turns,
        "seconds": round(built_s, 1),
        "ms_at_10": round(young[0], 2),
        "ms_at_end": round(old[0], 2),
        "time_ratio": round(ratios[0], 3),
        "bytes_at_10": int(young[1]),
        "bytes_at_end": int(old[1]),
        "bytes_ratio": round(ratios[1], 3),
        "good": max(ratios) < LIMIT,
    }


async def _turn(agent: Agent, thread: str, number: int, image: str) -> None:
    await agent.ask(f"Is there water, {number:06}?", image=image, thread_id=thread)


async def _bytes(agent: Agent) -> int:
    """The bytes of all values in all tables."""
    total = 0
    for table, columns in TABLES.items():
        sizes = " + ".join(
            f"COALESCE(LENGTH({_blob(agent, name)}), 0)" for name in columns.split(", ")
        )
        if await _exists(agent, table):
            sql = f"SELECT COALESCE(SUM({sizes}), 0) FROM {table}"  # noqa: S608 - names above
            [[(found,)]] = await agent.threads.database.run(statement(sql))
            total += int(found)
    return total


def _blob(agent: Agent, name: str) -> str:
    sqlite = agent.settings.database_url.get_secret_value() == ""
    return f"CAST({name} AS BLOB)" if sqlite else f"CAST({name} AS TEXT)"


async def _exists(agent: Agent, table: str) -> bool:
    sqlite = agent.settings.database_url.get_secret_value() == ""
    where = "sqlite_master WHERE name" if sqlite else "pg_tables WHERE tablename"
    sql = f"SELECT COUNT(*) FROM {where} = ?"  # noqa: S608 - names above
    [[(count,)]] = await agent.threads.database.run(statement(sql, table))
    return bool(count)
