"""Shards on a real Ray of this machine, with the embedded engine."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from app.batch.shards import merge, report, results_of, shard_files, split
from tests.app.batch.files import read, requests_on_tiles
from tests.end_to_end.servers import SWATH, environment

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None,
        reason="Ray is not installed; `make test-ray` installs it",
    ),
    pytest.mark.timeout(300),
]
ROWS, WAIT_S = 1000, 120
LISTENING = "0A"
LOOPBACK = {  # as /proc/net/tcp and tcp6 print 127.0.0.1, ::ffff:127.0.0.1 and ::1
    "0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000",
}  # fmt: skip


def test_a_killed_worker_is_replaced_and_every_request_is_answered_once(tmp_path: Path) -> None:
    source, folder = requests_on_tiles(tmp_path, ROWS, pictures=40), tmp_path / "shards"
    split(source, folder, 4)
    process = subprocess.Popen(
        [*SWATH, "batch", "ray", str(folder), "--workers", "2", "--images", str(tmp_path)],
        env=environment(tmp_path / "data", {}), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        shard, before, worker = _half_done(folder)
        family = _family(process.pid)
        assert _listening(family) <= LOOPBACK
        assert not any("dashboard.py" in _command(one) for one in family)  # it asks clouds
        os.kill(worker, signal.SIGKILL)
        _, said = process.communicate(timeout=200)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    assert process.returncode == 0, said
    assert results_of(shard).read_bytes().startswith(before)  # it was not asked again
    results = [results_of(one) for one in shard_files(folder)]
    assert Counter(r["custom_id"] for path in results for r in read(path)) == Counter(
        f"r{n}" for n in range(ROWS)
    )
    assert merge(tmp_path / "all.jsonl", results) == (ROWS, 0)
    assert report(source, [tmp_path / "all.jsonl"])["answered"] == ROWS


def _half_done(folder: Path) -> tuple[Path, bytes, int]:
    """A shard that is being worked on, its results, and the process that writes them."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        for shard in shard_files(folder):
            out = results_of(shard)
            there = out.read_bytes() if out.exists() else b""
            count = there.count(b"\n")
            if 20 <= count < len(read(shard)) // 2 and (found := _writers(out)):
                return shard, there[: there.rindex(b"\n") + 1], found.pop()
        time.sleep(0.02)
    raise AssertionError("no worker wrote results")


def _writers(path: Path) -> set[int]:
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):  # gone, or another user's
            if link.readlink() == path:
                found.add(int(link.parts[2]))
    return found


def _listening(family: set[int]) -> set[str]:
    """The addresses that processes listen on."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    at = {row[9]: row[1].partition(":")[0] for row in rows if row[3] == LISTENING}
    found = {at[inode] for one in family for inode in _sockets(one) if inode in at}
    assert found
    return found


def _family(pid: int) -> set[int]:
    """A process and its descendants."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
            parents[int(lines["Pid"])] = int(lines["PPid"])
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _sockets(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""
