"""When a request must have been answered, known to every call made for it."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Deadline:
    end: float
    now: Callable[[], float]

    @property
    def left_s(self) -> float:
        return self.end - self.now()


_deadline: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@contextlib.contextmanager
def answer_within(
    seconds: float | None, now: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """No call made inside, in this task or one that it starts, outlasts the time given.

    An outer deadline that is nearer stands; None sets none.
    """
    if seconds is None or seconds >= left_s():
        yield
        return
    token = _deadline.set(_Deadline(now() + seconds, now))
    try:
        yield
    finally:
        _deadline.reset(token)


def left_s() -> float:
    """Seconds until the request must have been answered; without a deadline, infinity."""
    deadline = _deadline.get()
    return math.inf if deadline is None else deadline.left_s
