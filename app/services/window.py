"""Counting what happened lately."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

PARTS = 10


class Window:
    """Counts events of the last seconds, to a tenth of them, in memory that does not grow.

    Args:
        length_s: how far back it counts.
        now: the clock in seconds.
    """

    def __init__(self, length_s: float, now: Callable[[], float]) -> None:
        self._part_s = length_s / PARTS
        self._now = now
        self._parts: deque[tuple[int, Counter[str]]] = deque()

    def add(self, event: str) -> None:
        """Something happened."""
        part = self._forget()
        if not self._parts or self._parts[-1][0] != part:
            self._parts.append((part, Counter()))
        self._parts[-1][1][event] += 1

    def count(self, *events: str) -> int:
        """How often any of these happened."""
        self._forget()
        return sum(counts[event] for _, counts in self._parts for event in events)

    def clear(self) -> None:
        """Forgets everything."""
        self._parts.clear()

    def _forget(self) -> int:
        part = int(self._now() // self._part_s)
        while self._parts and self._parts[0][0] <= part - PARTS:
            self._parts.popleft()
        return part
