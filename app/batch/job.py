"""A batch from its files to its end: what the command runs, and programs may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.batch.asking import open_asking
from app.batch.formats import Form, format_of
from app.batch.formats.form import FormName
from app.batch.grouping import grouped
from app.batch.results import Results, ResultsTrouble
from app.batch.resuming import Done, resumed
from app.batch.running import Ending, Run, RunLimits
from app.batch.tally import Tally
from app.errors import BadRequest
from app.settings import Settings

JOURNAL = ".journal.jsonl"
FILES = "A batch reads and writes files, so that it can go on after any end."


@dataclass
class BatchJob:
    """One input, one output.

    Args:
        source: the questions.
        out: the results; None: beside the input.
        form: the input's format; None: by its name and first line.
        images: what relative paths of images start from; None: the input's folder.
        limits: on this run.
        as_jobs: whether questions go through the services' job routes.
        in_threads: whether embedded services measure in threads of this process.

    Attributes:
        tally: what it came to so far.
        safe: results of this run that are on the disk.
        total: rows of the input, about.
        pictures_read: how many pictures were read.
    """

    source: Path
    out: Path | None = None
    form: FormName | None = None
    images: Path | None = None
    limits: RunLimits = field(default_factory=RunLimits)
    as_jobs: bool = False
    in_threads: bool = False
    tally: Tally = field(default_factory=Tally, init=False)
    safe: int = field(default=0, init=False)
    total: int = field(default=0, init=False)
    pictures_read: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Finds out the format.

        Raises:
            BadRequest: the input is no file, or would be overwritten.
            OSError: it cannot be read.
        """
        if _is_no_file(self.source):
            raise BadRequest(f"{self.source} is no file", hint=FILES)
        if not self.source.exists():
            raise BadRequest(f"there is no file {self.source}")
        self.format: Form = format_of(self.source, self.form)
        name = f"{self.source.stem}.answers{self.format.suffix}"
        self.path = self.out or self.source.with_name(name)
        if _is_no_file(self.path):
            raise BadRequest(f"{self.path} is no file", hint=FILES)
        if self.path.resolve() == self.source.resolve():
            raise BadRequest("the results would overwrite the questions: name another file")
        by_lines = self.format.assemble is None or self._wants_lines
        self.journal = self.path if by_lines else self.path.with_name(self.path.name + JOURNAL)

    @property
    def _wants_lines(self) -> bool:
        return self.format.name == "csv" and self.path.suffix.lower() == ".jsonl"

    def begin(self, *, resume: bool, overwrite: bool) -> Done:
        """Makes ready what is written to, and reads what is there.

        Raises:
            BadRequest: there are results, and it was not said what to do with them.
            ResultsTrouble: they cannot be gone on with.
        """
        if overwrite:
            self.journal.unlink(missing_ok=True)
        there = next((p for p in (self.journal, self.path) if _has_something(p)), None)
        if there and not resume and not overwrite:
            raise BadRequest(
                f"{there.name} is there already",
                hint="Go on with it by --resume, or begin anew by --overwrite.",
            )
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        if resume and self.path != self.journal and not self.journal.exists() and there:
            raise ResultsTrouble(
                f"{self.path.name} is finished", hint="Begin anew with --overwrite."
            )
        self.total = self.format.count(self.source)
        return resumed(self.journal, self.format.seen, self.tally)

    async def run(
        self, settings: Settings, done: Done, on_step: Callable[[], None] = lambda: None
    ) -> Ending:
        """Asks what has no result yet, and makes the output where the format is no lines."""

        def synced(count: int) -> None:
            self.safe += count
            on_step()

        folder = (self.images or self.source.parent).resolve()
        with Results(self.journal) as results:
            async with open_asking(
                settings,
                concurrency=self.limits.concurrency,
                folder=folder,
                as_jobs=self.as_jobs,
                in_threads=self.in_threads,
            ) as ask:
                began = time.perf_counter()
                rows = grouped(done.missing(self.format.rows(self.source)))
                run = Run(rows, ask, self.format.record, results, self.tally, self.limits, synced)
                try:
                    ending = await run.finish()
                except ExceptionGroup as group:
                    raise group.exceptions[0] from None
                finally:
                    self.pictures_read = ask.pictures.read
                    self.seconds = time.perf_counter() - began
        if ending == "done" and self.path != self.journal and self.format.assemble:
            await asyncio.to_thread(self.format.assemble, self.source, self.journal, self.path)
            self.journal.unlink()
        return ending

    def summary(self) -> dict[str, Any]:
        """What it came to, as JSON types."""
        rate = self.tally.asked / self.seconds if self.seconds else 0.0
        return {
            **self.tally.as_json(),
            "seconds": round(self.seconds, 1),
            "per_second": round(rate, 2),
            "images_read": self.pictures_read,
            "output": str(self.path if self.path.exists() else self.journal),
        }


def _is_no_file(path: Path) -> bool:
    return str(path) == "-" or (path.exists() and not path.is_file())


def _has_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
