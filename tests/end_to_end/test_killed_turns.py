"""The benchmark that kills processes, in small; `make chaos` is the whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS, server_url

ROOT = Path(__file__).parents[2]


def run(kind: str, *arguments: str) -> dict[str, Any]:
    over = [] if kind == "sqlite" else ["--only-postgres", "--postgres", server_url()]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.turns", *arguments, *over, "--json"],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "default"},  # noqa: TID251 - a child's
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_killed_processes_lose_double_and_reorder_nothing(kind: str) -> None:
    found = run(kind, "chaos", "--kills", "12", "--threads", "3")
    assert found["kills"] == 14
    amiss = {name: found[name] for name in ("lost", "doubled", "reordered", "wrong", "open")}
    assert not any(amiss.values()), found
    assert found["jobs"] == found["turns"]


@pytest.mark.parametrize("kind", KINDS)
def test_ten_messages_at_once_from_two_processes_are_all_answered(kind: str) -> None:
    found = run(kind, "at-once")
    assert found["good"], found


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_thread_takes_as_many_bytes_a_turn_as_a_young_one(kind: str) -> None:
    found = run(kind, "long", "--turns", "120")
    assert found["bytes_ratio"] < 1.1, found
