"""`swath serve` in a process of its own, and server-sent events as its clients read them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

SSE = {"Accept": "text/event-stream"}
START_S = 40


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    id: str
    name: str
    data: str


@contextlib.contextmanager
def serving(data_dir: Path, upstream: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a server over a folder and an upstream."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--port", str(port)],
        env=_environment(data_dir, upstream),
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield url, process
    finally:
        process.terminate()
        process.wait(20)


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream, without its comments."""
    found: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
            continue
        if "event" in found:
            yield Event(found["id"], found["event"], found["data"])
        found = {}


def _environment(data_dir: Path, upstream: str) -> dict[str, str]:
    """This machine's, without a developer's own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - a child's, not ours
        if not name.startswith(("SWATH_", "VQA_", "CAPTION_"))
    }
    own = {"SWATH_DATA_DIR": str(data_dir), "SWATH_LOG_LEVEL": "error"}
    services = {"VQA_BASE_URL": upstream, "CAPTION_BASE_URL": upstream}
    models = {"VQA_MODEL": "slow", "CAPTION_MODEL": "slow"}
    return {**kept, **own, **services, **models}


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/livez", trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
