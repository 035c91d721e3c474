"""What a run needs: a folder, a database, and an upstream in a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from pydantic import SecretStr

from app.agent import Agent
from app.settings import Settings
from benchmarks.turns.upstream import COUNTS


@contextlib.contextmanager
def place(server: str | None) -> Iterator[Settings]:
    """Settings over a new SQLite file, or over a new schema of a PostgreSQL server."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        url = ""
        if server:
            from tests.databases import schema_of_its_own  # noqa: PLC0415 - psycopg, an extra

            url = stack.enter_context(schema_of_its_own(server))
        yield Settings(data_dir=Path(folder), database_url=SecretStr(url), _env_file=None)


async def kept_picture(agent: Agent) -> str:
    """The id of a small picture in the agent's store."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 120, 50)).save(file, "PNG")
    return (await agent.keep_bytes(file.getvalue(), "benchmark")).url


@contextlib.contextmanager
def upstream(folder: Path, most_ms: float) -> Iterator[str]:
    """The address of a service that answers after up to so many milliseconds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    module = [sys.executable, "-m", "benchmarks.turns.upstream"]
    command = [*module, str(port), str(folder / "upstream.sqlite3"), str(most_ms)]
    process = subprocess.Popen(command)  # noqa: S603 - our own module
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def counts(url: str) -> dict[str, int]:
    """What the upstream has counted."""
    with urllib.request.urlopen(url + COUNTS, timeout=5) as response:  # noqa: S310 - loopback
        found: dict[str, int] = json.load(response)
    return found


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            counts(url)
            return
        time.sleep(0.05)
    raise RuntimeError("the upstream did not start")
