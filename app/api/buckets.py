"""Token buckets: so many requests a minute, and a few more at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """Holds up to `burst` tokens and gets `per_s` a second; a request takes one."""

    per_s: float
    burst: int
    now: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """Fills it."""
        self._tokens, self._at = float(self.burst), self.now()

    def take(self) -> float:
        """Takes a token and returns 0, or the seconds until there is one."""
        now = self.now()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_s)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return (1 - self._tokens) / self.per_s
