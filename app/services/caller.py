"""One service as it is called: within the deadline, its share of places, and its retry budget."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from app.errors import (
    VisionBreakerOpen,
    VisionError,
    VisionRefused,
    VisionStarting,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.breaker import Breaker, BreakerPolicy
from app.services.budget import RetryBudget
from app.services.deadline import left_s
from app.services.endpoint import Endpoint
from app.services.gate import Gate
from app.services.retry import RetryPolicy
from app.services.statuses import raise_for_status, translated
from app.services.vision import OnProgress, Progress, Service, unheard

T = TypeVar("T")
FAIR_S = 5
RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How a service is spared.

    Attributes:
        at_once: calls on their way at the same time.
        waiting: calls that wait for a place; more are refused at once.
        slow_s: a caller is told that the model may be starting after so long without an answer.
        breaker: when a failing service is left alone.
    """

    at_once: int = 64
    waiting: int = 256
    slow_s: float = 10
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)


class Caller:
    """Calls one service; everything that is counted for it is counted here.

    Args:
        service: its name.
        endpoint: where it is.
        retry: how often and when a call is tried again.
        limits: how it is spared.
        now: the clock in seconds.
    """

    def __init__(
        self,
        service: Service,
        endpoint: Endpoint,
        retry: RetryPolicy,
        limits: CallLimits,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.service: Service = service
        self.endpoint = endpoint
        self.retry = retry
        self.now = now
        self.http = endpoint.client()
        self.breaker = Breaker(service, now, limits.breaker)
        self._gate = Gate(service, limits.at_once, limits.waiting)
        self._budget = RetryBudget(now)
        self._slow_s = limits.slow_s

    def end(self, timeout_s: float | None = None) -> float:
        """When a call that begins now must have ended, by the policy and the request's deadline."""
        policy_s = self.endpoint.timeout_s if timeout_s is None else timeout_s
        return self.now() + min(policy_s, left_s())

    async def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        parse: Callable[[httpx.Response], T],
        end: float,
        on_progress: OnProgress = unheard,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[T, int]:
        """The first answer that is no passing trouble, and how many attempts it took."""

        async def once(left: float) -> T:
            with translated(self.service, self.endpoint.base_url):
                async with asyncio.timeout(left):
                    response = await self.http.request(
                        method, path, json=body, timeout=timeouts(left), headers=headers
                    )
            raise_for_status(self.service, response)
            return parse(response)

        async with self.slot(end, on_progress):
            return await self.persist(once, end, on_progress)

    @property
    def load(self) -> tuple[int, int]:
        """How many calls are on their way, and how many wait for a place."""
        return self._gate.load

    @contextlib.asynccontextmanager
    async def slot(self, end: float, on_progress: OnProgress) -> AsyncIterator[None]:
        """Holds a place among the calls of the service.

        Raises:
            VisionUnavailable: the breaker is open, or too many calls wait.
            VisionTimeout: the deadline has passed already.
        """
        self.breaker.check()
        if self.now() >= end:
            message = f"No time was left to ask the {self.service} service."
            raise VisionTimeout(message, service=self.service, attempts=0)

        def queued() -> None:
            message = f"Waiting for a free place at the {self.service} service."
            on_progress(Progress(self.service, "queued", message))

        async with self._gate.slot(end - self.now(), queued):
            yield

    async def persist(
        self, once: Callable[[float], Awaitable[T]], end: float, on_progress: OnProgress
    ) -> tuple[T, int]:
        """What `once` returns when it is given enough attempts, and how many it took."""
        number, hurried = 0, end - self.now() < min(FAIR_S, self.endpoint.timeout_s)
        self._budget.called()

        def waiting(error: BaseException | None, wait_s: float) -> None:
            on_progress(self._why_waiting(error, wait_s))

        try:
            async for attempt in self.retry.attempts(end, self.now, self._budget, waiting):
                with attempt:
                    number = attempt.retry_state.attempt_number
                    result = await self._attempt(once, end, on_progress)
        except VisionError as error:
            error.attempts = number - isinstance(error, VisionBreakerOpen)
            self._gave_up(error, hurried=hurried)
            raise
        self.breaker.call_ended(failed=False)
        return result, number

    async def _attempt(
        self, once: Callable[[float], Awaitable[T]], end: float, on_progress: OnProgress
    ) -> T:
        left = max(0.01, end - self.now())
        slow = Progress(self.service, "cold", f"{self._slow_s:.0f} s without an answer: the model "
                        "may be starting.", self._slow_s)  # fmt: skip
        on_progress(Progress(self.service, "attempt", f"Asking the {self.service} service."))
        timer = asyncio.get_running_loop().call_later(self._slow_s, on_progress, slow)
        try:
            with self.breaker.attempt():
                result = await once(left)
        except VisionError as error:
            self._budget.attempted(answered=isinstance(error, VisionRefused))
            raise
        finally:
            timer.cancel()
        self._budget.attempted(answered=True)
        return result

    def _gave_up(self, error: VisionError, *, hurried: bool) -> None:
        """A call ended without an answer; not every such call speaks against the service."""
        if isinstance(error, VisionUnavailable) and error.retry_after_s is None:
            error.retry_after_s = RETRY_AFTER_S
        if isinstance(error, VisionRefused):
            self.breaker.call_ended(failed=False)
        elif not isinstance(error, VisionStarting | VisionBreakerOpen) and not (
            hurried and isinstance(error, VisionTimeout)
        ):
            self.breaker.call_ended(failed=True)

    def _why_waiting(self, error: BaseException | None, wait_s: float) -> Progress:
        if isinstance(error, VisionStarting):
            return Progress(self.service, "cold", "The model is starting.", wait_s)
        return Progress(self.service, "retry", f"Asking again: {error}", wait_s)


def timeouts(left: float) -> httpx.Timeout:
    """A call's timeouts; a server that cannot be connected to is given up sooner."""
    return httpx.Timeout(left, connect=min(10, left))
