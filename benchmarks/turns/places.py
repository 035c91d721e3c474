"""What a run needs: a folder, a database, and an upstream in a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from pydantic import SecretStr

from app.agent import Agent
from app.settings import Settings
from benchmarks.turns.upstream import COUNTS


@contextlib.contextmanager
def place(server: str | None) -> Iterator[Settings]:
    """Settings over a new SQLite file, or over a new schema of a PostgreSQL server."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        url = stack.enter_context(schema(server)) if server else ""
        yield Settings(data_dir=Path(folder), database_url=SecretStr(url), _env_file=None)


@contextlib.contextmanager
def schema(server: str) -> Iterator[str]:
    """The server's URL with a schema of its own, which is dropped on leaving."""
    import psycopg  # noqa: PLC0415 - an extra

    name = f"swath_bench_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        try:
            joint = "&" if "?" in server else "?"
            yield f"{server}{joint}options={quote(f'-csearch_path={name}')}"
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


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
