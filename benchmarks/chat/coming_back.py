"""Readers who lose their streams at random places and come back: each sees every event once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import httpx

from benchmarks.chat.server import SSE, Event, events_of, serving
from benchmarks.turns.places import upstream


def come_back(folder: Path, picture: str, turns: int, reconnects: int) -> tuple[int, int]:
    """How often readers came back, and how many turns' events were not told exactly once."""
    with upstream(folder, 400) as slow, serving(folder / "data", slow) as (url, _):
        return asyncio.run(_come_back(url, picture, turns, reconnects // turns))


async def _come_back(url: str, picture: str, turns: int, most: int) -> tuple[int, int]:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        found = await asyncio.gather(
            *(_one(client, picture, number, most) for number in range(turns))
        )
    return sum(count for count, _ in found), sum(not same for _, same in found)


async def _one(client: httpx.AsyncClient, picture: str, seed: int, most: int) -> tuple[int, bool]:
    """Reads one turn in pieces, then again at once after its end; also while it runs."""
    asked = {
        "message": f"Describe lot {seed}? Is there water in lot {seed}?",
        "image": picture,
        "continue_on_disconnect": True,
    }
    rng, seen, count = random.Random(seed), list[Event](), 0  # noqa: S311 - places to break off at
    ended = False
    async with client.stream("POST", "/api/chat", json=asked, headers=SSE) as response:
        path = f"/api/turns/{response.headers['X-Turn-Id']}/events"
        await _some(response, seen, rng.randint(1, 4))
    while not ended:
        count += 1
        ended = await _on(client, path, seen, rng.randint(1, 5))
    whole: list[Event] = []
    await _on(client, path, whole, 10**9)
    same = seen == whole
    while count < most:
        again: list[Event] = []
        ended = False
        while not ended:
            count += 1
            ended = await _on(client, path, again, rng.randint(1, len(whole)))
        same = same and again == whole
    return count, same


async def _on(client: httpx.AsyncClient, path: str, seen: list[Event], most: int) -> bool:
    headers = {"Last-Event-ID": seen[-1].id} if seen else {}
    async with client.stream("GET", path, headers=headers) as response:
        await _some(response, seen, most)
    return seen[-1].name in ("done", "error")


async def _some(response: httpx.Response, seen: list[Event], most: int) -> Any:
    events = events_of(response)
    async for event in events:
        seen.append(event)
        most -= 1
        if not most:
            return
