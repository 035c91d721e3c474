"""Many open streams and a SIGTERM: each has its last event, and no turn is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.chat.server import SSE, Event, events_of, serving
from benchmarks.turns.places import upstream

NEVER_MS = 1e9
ENDS = ("done", "error")


@dataclass(frozen=True)
class Stopped:
    """What became of the streams of a server that was stopped.

    Attributes:
        ends: the last event of each stream.
        exit_s: seconds from the signal to the end of the process.
        open_turns: turns that stood open in the ledger after it.
        answered: those of them that the next server answered, told to their readers who came back.
    """

    ends: list[Event]
    exit_s: float
    open_turns: int
    answered: int


def stop_with_open_streams(folder: Path, picture: str, count: int) -> Stopped:
    """Opens streams, stops the server, starts another one, and comes back to each stream."""
    data_dir = folder / "data"
    (folder / "again").mkdir()
    with upstream(folder, NEVER_MS) as slow, serving(data_dir, slow) as (url, process):
        ends, exit_s = asyncio.run(_stopped(url, process, picture, count))
    open_turns = _open(data_dir)
    with upstream(folder / "again", 5) as quick, serving(data_dir, quick) as (url, _):
        answered = asyncio.run(_taken_up(url, [end for _, end in ends], [one for one, _ in ends]))
    return Stopped([end for _, end in ends], exit_s, open_turns, answered)


async def _stopped(
    url: str, process: subprocess.Popen[bytes], picture: str, count: int
) -> tuple[list[tuple[str, Event]], float]:
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(
        base_url=url, trust_env=False, timeout=60, limits=limits
    ) as client:
        ready = asyncio.Semaphore(0)
        streams = [
            asyncio.create_task(_read(client, picture, number, ready)) for number in range(count)
        ]
        for _ in range(count):
            await ready.acquire()
        began = time.monotonic()
        process.terminate()
        await asyncio.to_thread(process.wait, 30)
        exit_s = time.monotonic() - began
        return await asyncio.gather(*streams), exit_s


async def _read(
    client: httpx.AsyncClient, picture: str, number: int, ready: asyncio.Semaphore
) -> tuple[str, Event]:
    asked = {"message": f"How many ships are in lot {number}?", "image": picture}
    turn_id, last = "", Event("", "", "")
    async with client.stream("POST", "/api/chat", json=asked, headers=SSE) as response:
        async for event in events_of(response):
            last = event
            if event.name == "turn":
                turn_id = json.loads(event.data)["turn_id"]
            if event.name == "node" and '"call_vqa"' in event.data:
                ready.release()
    return turn_id, last


async def _taken_up(url: str, ends: list[Event], turn_ids: list[str]) -> int:
    """How many streams, read on from their last event, end with the answer to their question."""

    async def read(client: httpx.AsyncClient, number: int) -> bool:
        headers = {"Last-Event-ID": ends[number].id}
        path = f"/api/turns/{turn_ids[number]}/events"
        async with client.stream("GET", path, headers=headers) as response:
            events = [event async for event in events_of(response)]
        [event] = events
        return event.name == "done" and f"lot {number}." in event.data

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=90) as client:
        return sum(await asyncio.gather(*(read(client, number) for number in range(len(ends)))))


def _open(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "threads.sqlite3")) as database:
        sql = "SELECT COUNT(*) FROM swath_turns WHERE state = 'open'"
        return int(database.execute(sql).fetchone()[0])
