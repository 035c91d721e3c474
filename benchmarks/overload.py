"""Twice the load that a chat server can carry: what is refused, how fast, and what is served.

    python -m benchmarks.overload

A server of 32 places before a model that takes up to 400 ms. First 32 clients ask one question
after the other: that is its capacity. Then questions come at twice that rate, whether or not the
earlier ones are answered.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.turns.places import upstream
from tests.end_to_end.servers import served
from tests.fakes import data_uri

PLACES = 32
SECONDS = 10.0
MODEL_MS = 400


@dataclass
class Seen:
    """Statuses, and how long refusals took."""

    statuses: Counter[int] = field(default_factory=Counter)
    refusals_ms: list[float] = field(default_factory=list)


async def ask(client: httpx.AsyncClient, body: dict[str, str], seen: Seen) -> None:
    """Asks one question."""
    began = time.perf_counter()
    answer = await client.post("/api/chat", json=body)
    seen.statuses[answer.status_code] += 1
    if answer.status_code != httpx.codes.OK:
        seen.refusals_ms.append((time.perf_counter() - began) * 1000)


async def one_by_one(client: httpx.AsyncClient, body: dict[str, str]) -> float:
    """Answers a second when every place asks again as soon as it was answered."""
    seen, end = Seen(), time.perf_counter() + SECONDS

    async def again() -> None:
        while time.perf_counter() < end:
            await ask(client, body, seen)

    began = time.perf_counter()
    await asyncio.gather(*(again() for _ in range(PLACES)))
    return seen.statuses[httpx.codes.OK] / (time.perf_counter() - began)


async def at_a_rate(client: httpx.AsyncClient, body: dict[str, str], per_s: float) -> Seen:
    """What becomes of questions that come at a rate."""
    seen, began = Seen(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(per_s * SECONDS)):
            await asyncio.sleep(max(0, began + number / per_s - time.perf_counter()))
            group.create_task(ask(client, body, seen))
    return seen


async def measured(url: str, pid: int) -> None:
    """Prints the figures of a server."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=PLACES)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        kept = await client.post("/api/chat", json={"message": "Hello", "image": data_uri()})
        body = {"message": "How many ships are there?", "image": kept.json()["image"]["sha256"]}
        capacity = await one_by_one(client, body)
        before_mb, began = resident_mb(pid), time.perf_counter()
        seen = await at_a_rate(client, body, 2 * capacity)
        took_s = time.perf_counter() - began
        after_mb = resident_mb(pid)
    late = sorted(seen.refusals_ms) or [0.0]
    answered = seen.statuses[httpx.codes.OK] / took_s
    sys.stdout.write(
        f"capacity {capacity:.1f}/s; at {2 * capacity:.1f}/s: {answered:.1f}/s answered "
        f"({answered / capacity:.0%} of capacity), {dict(seen.statuses)}\n"
        f"refusals: median {late[len(late) // 2]:.0f} ms, "
        f"99 % within {late[int(len(late) * 0.99)]:.0f} ms, last {late[-1]:.0f} ms\n"
        f"memory {before_mb:.0f} -> {after_mb:.0f} MB\n"
    )


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    done = subprocess.run(  # noqa: S603 - a process of ours
        ["ps", "-o", "rss=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout) / 1024


def main() -> None:
    """Starts a model and a server, and prints the figures."""
    with tempfile.TemporaryDirectory() as name, upstream(Path(name), MODEL_MS) as model:
        settings = {
            "VQA_BASE_URL": model,
            "VQA_MODEL": "slow",
            "SWATH_MAX_REQUESTS": str(PLACES),
            "SWATH_LOG_LEVEL": "warning",
        }
        with served("serve", data_dir=Path(name), health="/livez", **settings) as (url, process):
            asyncio.run(measured(url, process.pid))


if __name__ == "__main__":
    main()
