"""Shards by `vllm run-batch`: vLLM's own command, once a shard, on a machine with a GPU."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.batch.shards import results_of, shard_files


def run_shards(
    folder: Path, model: str, arguments: Sequence[str] = (), command: Sequence[str] = ("vllm",)
) -> list[Path]:
    """Runs every shard that has no results yet, and returns those that failed.

    Results appear whole or not at all, so that an ended run can be begun again.

    Raises:
        BadRequest: there are no shards.
        FileNotFoundError: the command is not installed.
    """
    failed = []
    for shard in shard_files(folder):
        out = results_of(shard)
        if out.exists():
            continue
        new = out.with_name(out.name + ".new")
        line = [
            *command,
            "run-batch",
            "-i",
            str(shard),
            "-o",
            str(new),
            "--model",
            model,
            *arguments,
        ]
        if subprocess.run(line, check=False).returncode or not new.exists():  # noqa: S603 - ours
            failed.append(shard)
        else:
            new.replace(out)
    return failed
