"""Prints what turns survive.

    python -m benchmarks.turns [chaos | at-once | long] [--kills 200] [--turns 1000]
                               [--postgres URL] [--json]

Without a name all three run. With --postgres each runs over a schema of that server too. Exits 1
where something was lost, doubled, reordered, or is not flat.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
from typing import Any

from app.agent import open_agent
from app.settings import Settings
from benchmarks.turns.at_once import at_once
from benchmarks.turns.chaos import torment
from benchmarks.turns.long_thread import long_thread
from benchmarks.turns.places import counts, kept_picture, place, upstream

NAMES = ("chaos", "at-once", "long")
MOST_MS = 300


def main() -> None:
    """Runs what was named over each database."""
    parser = argparse.ArgumentParser(description="What turns survive.")
    parser.add_argument("names", nargs="*", metavar="NAME", default=[])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4, help="of each process")
    parser.add_argument("--longest-s", type=float, default=0.8, help="between two kills, at most")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--postgres", help="the URL of a server; schemas come and go")
    parser.add_argument("--only-postgres", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    servers: list[str | None] = [] if options.only_postgres else [None]
    if options.postgres:
        servers.append(options.postgres)
    good = True
    for server in servers:
        for name in options.names or NAMES:
            found = _run(name, server, options)
            good &= bool(found["good"])
            _say(name, "postgres" if server else "sqlite", found, as_json=options.json)
    sys.exit(0 if good else 1)


def _run(name: str, server: str | None, options: argparse.Namespace) -> dict[str, Any]:
    with place(server) as fresh, upstream(fresh.data_dir, MOST_MS) as url:
        # Every question is sent as a job: its calls may take longer than this limit.
        update = {"vqa_base_url": url, "vqa_model": "slow", "sync_limit": 1.0}
        settings = fresh.model_copy(update=update)
        if name == "long":
            return long_thread(settings, options.turns)
        image = asyncio.run(_kept(settings))
        if name == "at-once":
            return at_once(settings, image)
        verdict = torment(
            settings,
            image,
            kills=options.kills,
            processes=options.processes,
            threads=options.threads,
            longest_s=options.longest_s,
        )
        verdict.submits = counts(url)["submits"]
        verdict.jobs = _jobs(settings)
        once = verdict.jobs == verdict.turns
        ratios = {
            "submits_a_turn": round(verdict.submits / verdict.turns, 3),
            "jobs_a_turn": round(verdict.jobs / verdict.turns, 3),
        }
        return {**verdict.as_dict(), **ratios, "good": verdict.good and once}


async def _kept(settings: Settings) -> str:
    async with open_agent(settings, isolated=False) as agent:
        return await kept_picture(agent)


def _jobs(settings: Settings) -> int:
    """The jobs that the upstream began."""
    with sqlite3.connect(settings.data_dir / "upstream.sqlite3") as database:
        count: int = database.execute("SELECT COUNT(*) FROM jobs").fetchone()[0]
    database.close()
    return count


def _say(name: str, where: str, found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        line = json.dumps({"name": name, "database": where, **found})
    else:
        facts = ", ".join(f"{key} {value}" for key, value in found.items() if value != [])
        line = f"{name:<8} {where:<9} {facts}"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
