"""Damages small pictures of every format and watches how they are read.

    python -m tests.fuzz --minutes 5 --keep .cache/fuzz

Each read is a job of a `DecodePool`. It may end as a picture or as one of our errors; another
exception, a crash, more than 5 s or more than 600 MB is a finding, and its file is kept.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imagery.pool import DecodePool
from tests.fuzz.damage import damaged
from tests.fuzz.files import whole_files
from tests.fuzz.reading import LIMITS, Read, read_in


@dataclass
class Fuzz:
    """A run over seeds until a time; findings are printed and their files kept."""

    whole: dict[str, bytes]
    keep: Path | None
    first_seed: int

    def jobs(self, until: float) -> Iterator[tuple[str, int]]:
        number = self.first_seed
        while time.monotonic() < until:
            for name in self.whole:
                yield name, number
            number += 1

    def one(self, pool: DecodePool, name: str, number: int) -> Read:
        data = damaged(self.whole[name], number)
        read = read_in(pool, data)
        if read.is_finding:
            _say(f"{name} {number}: {read.how} {read.seconds:.1f} s {read.extra / 1e6:.0f} MB")
            if self.keep:
                (self.keep / f"{number}-{name}").write_bytes(data)
        return read

    def run(self, seconds: float, workers: int) -> tuple[int, int, dict[str, int]]:
        ends: dict[str, int] = {}
        reads = findings = 0
        until = time.monotonic() + seconds
        with DecodePool(LIMITS, workers=workers) as pool, ThreadPoolExecutor(workers) as threads:
            jobs = self.jobs(until)
            waiting = [threads.submit(self.one, pool, *job) for job in islice(jobs, workers * 4)]
            while waiting:
                read = waiting.pop(0).result()
                reads += 1
                findings += read.is_finding
                ends[read.how[:60]] = ends.get(read.how[:60], 0) + 1
                if job := next(jobs, None):
                    waiting.append(threads.submit(self.one, pool, *job))
        return reads, findings, ends


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Fuzzes for some minutes; exits 1 where there are findings."""
    parser = argparse.ArgumentParser(description="Reads damaged pictures.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 10**9)
    parser.add_argument("--keep", type=Path, help="a folder for the files of findings")
    parser.add_argument("--only", default="", help="seeds whose name ends so")
    parser.add_argument("files", nargs="*", type=Path, help="more seeds")
    options = parser.parse_args()
    whole = {**whole_files(), **{file.name: file.read_bytes() for file in options.files}}
    only = tuple(options.only.split(","))
    whole = {name: data for name, data in whole.items() if name.endswith(only)}
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    fuzz = Fuzz(whole, options.keep, options.seed)
    reads, findings, ends = fuzz.run(60 * options.minutes, options.workers)
    for how, count in sorted(ends.items(), key=lambda end: -end[1]):
        _say(f"{count:8,}  {how}")
    _say(f"{reads:,} reads from seed {options.seed}: {findings} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
