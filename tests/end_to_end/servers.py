"""Real servers in processes of their own, on loopback, ended by their own id."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import requests

SWATH = [sys.executable, "-c", "from app.cli import main; main()"]


def swath(*arguments: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(
        [*SWATH, *arguments],
        env=environment(data_dir, variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextlib.contextmanager
def served(
    *arguments: str, data_dir: Path, health: str, **variables: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Runs a server while entered; gives its address and process."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as log:  # a pipe that nobody reads would fill up
        process = subprocess.Popen(
            [*SWATH, *arguments, "--port", str(port)],
            env=environment(data_dir, variables),
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url + health, process, log)
            yield url, process
        finally:
            process.terminate()
            process.wait(15)


def wait_for(
    url: str, process: subprocess.Popen[str], log: IO[str] | None = None, timeout_s: float = 40
) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = _all_of(log) if log else ""
            raise AssertionError(f"the server ended with {process.returncode}: {said}")
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


def _all_of(log: IO[str]) -> str:
    log.seek(0)
    return log.read()


def environment(data_dir: Path, variables: dict[str, str]) -> dict[str, str]:
    """The machine's, without a developer's own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - a child's, not ours
        if not name.startswith(("SWATH_", "VQA_", "CAPTION_"))
    }
    return {**kept, "SWATH_DATA_DIR": str(data_dir), **variables}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
