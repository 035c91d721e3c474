"""The one retry policy of the project: what is tried again, how often, and after how long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from app.errors import (
    VisionBreakerOpen,
    VisionError,
    VisionOverloaded,
    VisionRefused,
    VisionStarting,
)
from app.services.budget import RetryBudget

RETRIED_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
OnWait = Callable[[BaseException | None, float], None]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounded in count and time, with full jitter; Retry-After is honoured.

    Attributes:
        max_attempts: of one call, the first included. A service that answers others is asked up
            to twice as often, since its failures are bad luck and no outage; one that says
            that its model is loading is asked until the deadline.
        base_s: the first wait is drawn from [0, base_s), each next from twice that.
        cap_s: a drawn wait is never longer.
        sleep, jitter: the clock and the dice, for tests.
    """

    max_attempts: int = 4
    base_s: float = 0.5
    cap_s: float = 8.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random

    def attempts(
        self,
        deadline: float,
        now: Callable[[], float],
        budget: RetryBudget | None = None,
        on_wait: OnWait | None = None,
    ) -> AsyncRetrying:
        """Attempts of one call, none of which starts after the deadline (of the clock `now`)."""

        def enough(state: RetryCallState) -> bool:
            if now() + state.upcoming_sleep >= deadline:
                return True
            if isinstance(_error(state), VisionStarting):
                return False
            if budget is None:
                return state.attempt_number >= self.max_attempts
            patient = budget.alive and self.max_attempts > 1
            limit = self.max_attempts * (2 if patient else 1)
            return state.attempt_number >= limit or not budget.take()

        def tell(state: RetryCallState) -> None:
            if on_wait:
                on_wait(_error(state), state.upcoming_sleep)

        return AsyncRetrying(
            sleep=self.sleep,
            wait=self._wait_s,
            retry=retry_if_exception(_transient),
            stop=enough,
            before_sleep=tell,
            reraise=True,
        )

    def _wait_s(self, state: RetryCallState) -> float:
        error = _error(state)
        asked_s = error.retry_after_s if isinstance(error, VisionError) else None
        if asked_s is not None:
            return asked_s
        # The exponent is bounded: a model may load for as many attempts as the deadline allows.
        spread_s: float = min(self.cap_s, self.base_s * 2 ** min(state.attempt_number - 1, 16))
        return spread_s * self.jitter()


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _transient(error: BaseException) -> bool:
    """Whether the same request may succeed when it is sent again.

    Asking a question has no effect, so that a lost connection is no reason not to ask again.
    """
    if isinstance(error, VisionRefused):
        return error.status in RETRIED_STATUSES
    if not isinstance(error, VisionError) or isinstance(
        error, VisionBreakerOpen | VisionOverloaded
    ):
        return False
    return error.status is None or error.status in RETRIED_STATUSES
