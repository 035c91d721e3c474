"""Runs a batch: so many questions at once, every result written as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from app.batch.results import Results
from app.batch.rows import BAD_ROW, BadRow, Problem, Question, Result, Row, failed
from app.batch.tally import Tally

Ending = Literal["done", "limit", "gave_up"]
Ask = Callable[[Question], Awaitable[Result]]
Record = Callable[[Row, Result], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RunLimits:
    """How much one run may do.

    Attributes:
        concurrency: questions at once.
        max_requests: questions of this run; None: all.
        max_seconds: no question begins later; None: no limit.
        give_up_after: failures in a row that only time can mend; 0: never.
    """

    concurrency: int = 8
    max_requests: int | None = None
    max_seconds: float | None = None
    give_up_after: int = 50


@dataclass
class Run:
    """One run over the rows that have no result yet.

    Args:
        rows: in the order they are to be asked.
        ask: answers one; it never raises but when cancelled.
        record: a result as the line that is written.
        results: where it is written.
        tally: what is counted; a line counts once it is written.
        limits: on this run.
        on_synced: hears how many more results are safe on the disk.
        now: the clock in seconds.
    """

    rows: Iterator[Row]
    ask: Ask
    record: Record
    results: Results
    tally: Tally
    limits: RunLimits = field(default_factory=RunLimits)
    on_synced: Callable[[int], None] = lambda _count: None
    now: Callable[[], float] = time.monotonic
    _ending: Ending = field(default="done", init=False)
    _begun: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)

    async def finish(self) -> Ending:
        """Asks until there are no rows left, or a limit is met; what has begun is ended."""
        self._end_at = self.now() + (self.limits.max_seconds or float("inf"))
        syncing = asyncio.create_task(self.results.keep_syncing(self.on_synced))
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(self.limits.concurrency):
                    workers.create_task(self._work())
        finally:
            syncing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await syncing
            self.on_synced(self.results.last())
        return self._ending

    async def _work(self) -> None:
        while (row := self._next()) is not None:
            if isinstance(row, BadRow):
                self._write(row, failed(Problem(BAD_ROW, row.message)), asked=False)
                await asyncio.sleep(0)  # a file of nothing but bad rows can be interrupted too
            else:
                self._write(row, await self.ask(row))

    def _next(self) -> Row | None:
        if self._ending != "done":
            return None
        spent = self.limits.max_requests is not None and self._begun >= self.limits.max_requests
        if spent or self.now() >= self._end_at:
            # It is no limit where no rows are left anyway.
            self._ending = "done" if next(self.rows, None) is None else "limit"
            return None
        row = next(self.rows, None)
        self._begun += isinstance(row, Question)
        return row

    def _write(self, row: Row, result: Result, *, asked: bool = True) -> None:
        self.results.write(self.record(row, result))
        self.tally.add(result, asked=asked)
        again = result.problem is not None and result.problem.retryable
        self._failures = self._failures + 1 if again else 0
        if self.limits.give_up_after and self._failures >= self.limits.give_up_after:
            self._ending = "gave_up"
