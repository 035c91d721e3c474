"""A thread of many turns: what its last turns cost, in time and bytes, against its first ones."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from app.agent import Agent, open_agent
from app.services.threads.database import statement
from app.settings import Settings
from tests.fakes import data_uri

WINDOW = 9  # turns around the one that is looked at
EARLY = 14  # the first window around it is as late as the tenth turn
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
    """The ratio of the last turns to those around the tenth; the embedded engine answers."""
    local = settings.model_copy(update={"vqa_base_url": ""})
    return asyncio.run(_measured(local, turns))


async def _measured(settings: Settings, turns: int) -> dict[str, Any]:
    took: list[float] = []
    bytes_after: dict[int, int] = {}
    early = range(EARLY - WINDOW // 2, EARLY + WINDOW // 2 + 1)
    late = range(turns - WINDOW + 1, turns + 1)
    looked_at = {*early, early[0] - 1, *late, late[0] - 1}
    async with open_agent(settings, isolated=False) as agent:
        image = (await agent.keep_image(data_uri())).url
        for number in range(1, turns + 1):
            began = time.perf_counter()
            await agent.ask(f"Is there water, {number:06}?", image=image, thread_id="long")
            took.append((time.perf_counter() - began) * 1000)
            if number in looked_at:
                bytes_after[number] = await _bytes(agent)
    time_early, time_late = took[EARLY - WINDOW : EARLY + 2 * WINDOW], took[-3 * WINDOW :]
    bytes_early, bytes_late = (
        statistics.median(bytes_after[at] - bytes_after[at - 1] for at in window)
        for window in (early, late)
    )
    ms = (statistics.median(time_early), statistics.median(time_late))
    ratios = (ms[1] / ms[0], bytes_late / bytes_early)
    return {
        "turns": turns,
        "ms_early": round(ms[0], 2),
        "ms_late": round(ms[1], 2),
        "time_ratio": round(ratios[0], 3),
        "bytes_early": int(bytes_early),
        "bytes_late": int(bytes_late),
        "bytes_ratio": round(ratios[1], 3),
        "good": max(ratios) < LIMIT,
    }


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
