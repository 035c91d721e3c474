"""What a batch came to so far, in a memory that does not grow with it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from app.batch.rows import Result, Status

STEP = 1.02  # latencies are known to 2 %


class Latencies:
    """Quantiles of milliseconds, from counts on a logarithmic scale."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, ms: float) -> None:
        """Counts one."""
        self._counts[round(math.log(max(ms, 0.01), STEP))] += 1

    def quantile(self, share: float) -> float | None:
        """The latency that so large a share stays below; None where nothing was counted."""
        left = share * self._counts.total()
        for step in sorted(self._counts):
            left -= self._counts[step]
            if left <= 0:
                return round(STEP**step, 1)
        return None


@dataclass
class Tally:
    """Counts of results; those that were there before a resumption are told apart.

    Attributes:
        counts: by status.
        codes: of failures.
        retryable: failures that may succeed later.
        before: results that an earlier run left.
        asked: questions of this run.
        tokens: by the services' names for them.
    """

    counts: Counter[Status] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    retryable: int = 0
    before: int = 0
    asked: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)

    @property
    def done(self) -> int:
        """Lines that have their result."""
        return self.counts.total()

    def found(self, status: Status, *, code: str | None = None, retryable: bool = False) -> None:
        """Counts a result that was there already."""
        self.before += 1
        self._count(status, code, retryable=retryable)

    def add(self, result: Result, *, asked: bool = True) -> None:
        """Counts a result of this run."""
        problem = result.problem
        code = problem.code if problem else None
        self._count(result.status, code, retryable=bool(problem and problem.retryable))
        if not asked:
            return
        self.asked += 1
        if result.status != "failed":
            self.latencies.add(result.ms)
        for name, count in result.usage.items():
            self.tokens[name] += count

    def as_json(self) -> dict[str, Any]:
        """The counts as JSON types."""
        return {
            "done": self.done,
            "answered": self.counts["answered"],
            "refused": self.counts["refused"],
            "failed": self.counts["failed"],
            "retryable": self.retryable,
            "failures": dict(self.codes.most_common()),
            "before": self.before,
            "asked": self.asked,
            "latency_ms": {
                "p50": self.latencies.quantile(0.5),
                "p95": self.latencies.quantile(0.95),
            },
            "tokens": dict(self.tokens),
        }

    def _count(self, status: Status, code: str | None, *, retryable: bool) -> None:
        self.counts[status] += 1
        self.retryable += retryable
        if code:
            self.codes[code] += 1
