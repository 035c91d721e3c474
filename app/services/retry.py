"""The one retry policy of the project: what is tried again, how often, and after how long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from app.errors import VisionError

RETRIED_STATUSES = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounded in count and time, with full jitter; Retry-After is honoured.

    Attributes:
        max_attempts: of one call, the first included.
        base_s: the first wait is drawn from [0, base_s), each next from twice that.
        cap_s: a drawn wait is never longer.
        sleep, jitter: the clock and the dice, for tests.
    """

    max_attempts: int = 4
    base_s: float = 0.5
    cap_s: float = 8.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random

    def attempts(self, deadline: float, now: Callable[[], float]) -> AsyncRetrying:
        """Attempts of one call, none of which starts after the deadline (of the clock `now`)."""

        def enough(state: RetryCallState) -> bool:
            no_time_left = now() + state.upcoming_sleep >= deadline
            return state.attempt_number >= self.max_attempts or no_time_left

        return AsyncRetrying(
            sleep=self.sleep,
            wait=self._wait_s,
            retry=retry_if_exception(_transient),
            stop=enough,
            reraise=True,
        )

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.retry_after_s if isinstance(error, VisionError) else None
        if asked_s is not None:
            return asked_s
        spread_s: float = min(self.cap_s, self.base_s * 2 ** (state.attempt_number - 1))
        return spread_s * self.jitter()


def _transient(error: BaseException) -> bool:
    """Whether the same request may succeed when it is sent again.

    Asking a question has no effect, so that a lost connection is no reason not to ask again.
    """
    return isinstance(error, VisionError) and (
        error.status in RETRIED_STATUSES or error.status is None
    )
