"""An upstream that fails a share of its requests, in all the ways that pass."""

from __future__ import annotations

import random
from dataclasses import dataclass

import httpx

from tests.fakes import Clock, completion

KINDS = 6
RETRY_AFTER_S = 2


@dataclass
class FailingUpstream:
    """503, 429 with Retry-After, resets, refused connections, timeouts and JSON that is cut off.

    Attributes:
        clock: passes as answers take their time.
        share: of the requests that fail, independently.
        early: requests that came before a Retry-After had passed.
        asked_to_wait_until: when it has passed.
    """

    clock: Clock
    dice: random.Random
    share: float = 0.3
    requests: int = 0
    early: int = 0
    asked_to_wait_until: float = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers, or fails."""
        self.requests += 1
        self.early += self.clock.now() < self.asked_to_wait_until
        self.asked_to_wait_until = 0
        self.clock.time_s += self.dice.uniform(0.2, 1.5)
        if self.dice.random() >= self.share:
            return httpx.Response(200, json=completion())
        return self._failed(request)

    def _failed(self, request: httpx.Request) -> httpx.Response:
        match self.dice.randrange(KINDS):
            case 0:
                return httpx.Response(503)
            case 1:
                self.asked_to_wait_until = self.clock.now() + RETRY_AFTER_S
                return httpx.Response(429, headers={"Retry-After": str(RETRY_AFTER_S)})
            case 2:
                raise httpx.ReadError("reset", request=request)
            case 3:
                raise httpx.ConnectError("refused", request=request)
            case 4:
                self.clock.time_s += 5
                raise httpx.ReadTimeout("slow", request=request)
            case _:
                whole = httpx.Response(200, json=completion()).content
                return httpx.Response(200, content=whole[: self.dice.randrange(len(whole) - 1)])
