"""How far a batch is: a bar on a terminal, a line now and then in a log; always on stderr."""

from __future__ import annotations

import sys
import time
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from app.batch.job import BatchJob

LINE_EVERY_S = 5.0
RATE_OVER_S = 20.0


class Rate:
    """Results a second over the last while, so that an ETA follows a service that speeds up."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = [(time.monotonic(), 0)]

    def per_s(self, count: int) -> float:
        """The rate now that so many are done."""
        now = time.monotonic()
        if now - self._seen[-1][0] >= 1:
            self._seen.append((now, count))
            self._seen = [each for each in self._seen if now - each[0] <= RATE_OVER_S] or [
                (now, count)
            ]
        began, before = self._seen[0]
        return (count - before) / (now - began) if now > began else 0.0


class Progress:
    """Shows a job's progress while it is entered."""

    def __init__(self, job: BatchJob) -> None:
        self._job = job
        self._rate = Rate()
        self._said_at = time.monotonic()
        self._bar = _bar(self) if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        """Shows the bar."""
        if self._bar:
            self._bar.start()
            total = max(self._job.total, 1)
            self._task = self._bar.add_task("", total=total, completed=self._job.tally.before)
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves it as it is."""
        if self._bar:
            self.step()
            self._bar.stop()

    def step(self) -> None:
        """Something was done."""
        if self._bar:
            self._bar.update(self._task, completed=self._done)
        elif time.monotonic() - self._said_at >= LINE_EVERY_S:
            self._said_at = time.monotonic()
            typer.echo(f"swath: {self.line()}", err=True)

    def line(self) -> str:
        """The state in a line."""
        tally, total = self._job.tally, max(self._job.total, self._done, 1)
        rate = self._rate.per_s(self._job.safe)
        left = clock((total - self._done) / rate) if rate else "-:--"
        again = f" (retryable {tally.retryable:,})" if tally.retryable else ""
        return (
            f"{self._done / total:4.0%}  {self._done:,} of {total:,}  {rate:.1f}/s  ETA {left}  "
            f"answered {tally.counts['answered']:,}  refused {tally.counts['refused']:,}  "
            f"failed {tally.counts['failed']:,}{again}"
        )

    @property
    def _done(self) -> int:
        return self._job.tally.before + self._job.safe


class _State(ProgressColumn):
    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's
        return Text(self._progress.line())


def _bar(progress: Progress) -> Bar:
    return Bar(
        BarColumn(bar_width=24), _State(progress), TextColumn(""), console=Console(stderr=True)
    )


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss or m:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
