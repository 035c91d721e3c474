"""A circuit breaker: a service that does not answer is left alone for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.errors import (
    VisionBreakerOpen,
    VisionError,
    VisionRefused,
    VisionStarting,
    VisionUnavailable,
)
from app.services.vision import Service
from app.services.window import Window

BreakerState = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens, and for how long.

    Attributes:
        window_s, min_calls, failure_share: it opens when this share of at least so many calls,
            their retries included, failed in the window.
        lost_in_a_row: and after so many attempts in a row that met no server at all.
        open_s: then nothing is sent for so long; one attempt at a time is let through after it.
    """

    window_s: float = 30
    min_calls: int = 20
    failure_share: float = 0.5
    lost_in_a_row: int = 10
    open_s: float = 5


class Breaker:
    """The breaker of one service. Nothing in it awaits, so tasks of one loop may share it."""

    def __init__(
        self, service: Service, now: Callable[[], float], policy: BreakerPolicy | None = None
    ) -> None:
        self._service = service
        self._now = now
        self._policy = policy or BreakerPolicy()
        self._calls = Window(self._policy.window_s, now)
        self._lost = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """`half_open` means that the next attempt is the probe, or that one is on its way."""
        if self._open_until is None:
            return "closed"
        return "open" if self._now() < self._open_until else "half_open"

    def check(self) -> None:
        """Returns if an attempt may be made now.

        Raises:
            VisionBreakerOpen: the service is left alone.
        """
        if self.state == "open" or (self.state == "half_open" and self._probing):
            left_s = max(0.5, (self._open_until or 0) - self._now())
            message = f"The {self._service} service failed too often; it is asked again soon."
            raise VisionBreakerOpen(
                message, service=self._service, attempts=0, retry_after_s=left_s
            )

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Watches one attempt; in a half-open breaker it is the probe that decides.

        Raises:
            VisionBreakerOpen: no attempt may be made now.
        """
        self.check()
        probe = self._probing = self.state == "half_open"
        try:
            yield
        except VisionError as error:
            self._judge(error, probe=probe)
            raise
        else:
            self._answered(probe=probe)
        finally:
            if probe:  # a probe that was cancelled has decided nothing: the next one does
                self._probing = False

    def call_ended(self, *, failed: bool) -> None:
        """A call ended, after its retries."""
        if self.state != "closed":
            return
        self._calls.add("failed" if failed else "answered")
        failures, policy = self._calls.count("failed"), self._policy
        calls = failures + self._calls.count("answered")
        if calls >= policy.min_calls and failures >= policy.failure_share * calls:
            self._open()

    def _judge(self, error: VisionError, *, probe: bool) -> None:
        if isinstance(error, VisionRefused | VisionStarting):
            self._answered(probe=probe)
            return
        lost = isinstance(error, VisionUnavailable) and error.status is None
        self._lost = self._lost + 1 if lost else 0
        if probe or (self.state == "closed" and self._lost >= self._policy.lost_in_a_row):
            self._open()

    def _answered(self, *, probe: bool) -> None:
        self._lost = 0
        if probe:
            self._open_until = None

    def _open(self) -> None:
        self._open_until = self._now() + self._policy.open_s
        self._lost = 0
        self._calls.clear()
