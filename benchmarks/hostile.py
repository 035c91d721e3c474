"""Requests that mean harm, sent to a server: how long each takes, and what is left in memory.

    python -m benchmarks.hostile

They are those of `make test`, which tells whether anything was reached. All are sent several times
over; exits with 1 where one is answered otherwise than it should be.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import httpx

from app.api.keys import new_key, setting_of
from benchmarks.overload import resident_mb
from tests.app.api.hostile import HOSTILE, Hostile
from tests.end_to_end.servers import served

ROUNDS = 6


def sent(client: httpx.Client, hostile: Hostile) -> tuple[float, bool]:
    """Milliseconds until its answer, and whether that is the right one."""
    headers = {
        name: value for name, value in hostile.headers.items() if name != "Content-Length"
    }  # one that lies is refused by the client
    began = time.perf_counter()
    answer = client.request(
        hostile.method,
        hostile.path,
        content=hostile.body,
        params=hostile.params or None,
        headers=headers,
    )
    taken_ms = (time.perf_counter() - began) * 1000
    lied = headers != hostile.headers
    return taken_ms, lied or answer.status_code == hostile.status


def measured(client: httpx.Client, pid: int) -> bool:
    """Sends all of them, prints the figures, and returns whether all were answered rightly."""
    taken, wrong, resident = dict.fromkeys(HOSTILE, 0.0), set[str](), [resident_mb(pid)]
    for _ in range(ROUNDS):
        for name, hostile in HOSTILE.items():
            taken_ms, right = sent(client, hostile)
            taken[name] = max(taken[name], taken_ms)
            if not right:
                wrong.add(name)
        resident.append(resident_mb(pid))
    slowest = sorted(taken, key=lambda name: -taken[name])[:5]
    lines = (
        f"{len(HOSTILE)} requests {ROUNDS} times over: {len(wrong)} answered wrongly {wrong or ''}",
        f"slowest: {', '.join(f'{name} {taken[name]:.0f} ms' for name in slowest)}",
        f"memory at first and after each round: {', '.join(f'{mb:.0f}' for mb in resident)} MB",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return not wrong


def main() -> None:
    """Starts a server and sends them."""
    key, other = new_key(), new_key()
    keys = f"{setting_of('acme', key)},{setting_of('zenith', other)}"
    settings = {"SWATH_API_KEYS": keys, "SWATH_KEY_RATE": "0", "SWATH_LOG_LEVEL": "warning"}
    with (
        tempfile.TemporaryDirectory() as folder,
        served("serve", data_dir=Path(folder), health="/readyz", **settings) as (url, process),
        httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=60,
        ) as client,
    ):
        sys.exit(0 if measured(client, process.pid) else 1)


if __name__ == "__main__":
    main()
