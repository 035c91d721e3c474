"""How much is let in: requests of a key by rate, its questions at a time, and all requests.

What is refused costs next to nothing and is told so at once, so that what was let in is served.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.access import is_open
from app.api.buckets import Bucket
from app.api.refused import Refused

# Routes that may ask a model or read a picture.
WORK = re.compile(r"/api/(chat|vqa|images|threads/[^/]*/replay)|/v1/chat/completions")
UNCOUNTED = "/metrics"
BUSY_S = 1


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is let in; see the settings of the same names."""

    per_minute: float = 600
    burst: int = 60
    at_once: int = 16
    all_at_once: int = 128


class Admission:
    """ASGI middleware that refuses with 429 what is too much for a key, with 503 what is for all.

    A key has so many places for questions and uploads, and for all its requests (streams that it
    reads, pictures that it fetches) half of all there are, so that no key can shut out the others.
    The one owner without keys has all of them, at any rate.
    """

    def __init__(
        self, app: ASGIApp, *, allowance: Allowance, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._allowance = allowance
        self._now = now
        self._buckets: dict[str, Bucket] = {}
        self._most_of_one = max(allowance.at_once, allowance.all_at_once // 2)
        self._working: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it before its body is read."""
        if scope["type"] != "http" or is_open(scope["path"]) or scope["path"] == UNCOUNTED:
            await self._app(scope, receive, send)
            return
        try:
            with self._place(scope):
                await self._app(scope, receive, send)
        except Refused as refused:
            await refused.response(scope, receive, send)

    @contextlib.contextmanager
    def _place(self, scope: Scope) -> Iterator[None]:
        owner = scope["state"]["owner"]
        if self._in_flight >= self._allowance.all_at_once:
            raise Refused(
                503,
                "overloaded",
                "Too many requests are being answered.",
                "Ask again in a moment.",
                retry_after_s=BUSY_S,
            )
        if owner:
            self._pass_rate(owner)
            if self._open[owner] >= self._most_of_one:
                raise too_many_at_once(self._most_of_one, "requests")
        works = bool(owner) and scope["method"] == "POST" and bool(WORK.fullmatch(scope["path"]))
        if works and self._working[owner] >= self._allowance.at_once:
            raise too_many_at_once(self._allowance.at_once, "questions")
        self._in_flight += 1
        self._open[owner] += 1
        self._working[owner] += works
        try:
            yield
        finally:
            self._in_flight -= 1
            self._open[owner] -= 1
            self._working[owner] -= works

    def _pass_rate(self, owner: str) -> None:
        if not self._allowance.per_minute:
            return
        bucket = self._buckets.get(owner)
        if bucket is None:
            per_s = self._allowance.per_minute / 60
            bucket = self._buckets[owner] = Bucket(per_s, self._allowance.burst, self._now)
        if wait_s := bucket.take():
            raise Refused(
                429,
                "rate_limited",
                f"This key may send {self._allowance.per_minute:g} requests a minute.",
                "Ask again after the seconds in Retry-After.",
                retry_after_s=wait_s,
            )


def too_many_at_once(most: int, what: str) -> Refused:
    """What a key is told that has as much on its way as it may."""
    return Refused(
        429,
        "too_many_at_once",
        f"This key has {most} {what} on their way.",
        "Wait for one of them, then ask again.",
        retry_after_s=BUSY_S,
    )
