"""Going away within seconds, whatever is open.

Turns that run are ended at once (`app.api.live_turns`), so that their streams have a last event.
What is still open when the grace is over is answered with 503; its turn is finished later.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.refused import Refused

GRACE_S = 3.0
WATCHED = frozenset({"/livez", "/readyz", "/metrics"})


class Closing:
    """Knows whether the end has begun, and tells those who want to know."""

    def __init__(self) -> None:
        self.begun = False
        self._hooks: dict[object, Callable[[], None]] = {}

    @contextlib.contextmanager
    def told(self, hook: Callable[[], None]) -> Iterator[None]:
        """While entered, the hook is called once when the end begins; at once if it has."""
        token = object()
        self._hooks[token] = hook
        if self.begun:
            hook()
        try:
            yield
        finally:
            del self._hooks[token]

    def begin(self) -> None:
        """Begins the end."""
        if not self.begun:
            self.begun = True
            for hook in list(self._hooks.values()):
                hook()

    async def when(self, stopping: asyncio.Event) -> None:
        """Begins the end when the event is set."""
        await stopping.wait()
        self.begin()


class ClosingInTime:
    """ASGI middleware that lets no request outlast the end by more than the grace."""

    def __init__(self, app: ASGIApp, *, grace_s: float = GRACE_S) -> None:
        self._app = app
        self._grace_s = grace_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; answers for what is cut off."""
        closing: Closing | None = scope.get("state", {}).get("closing")
        if scope["type"] != "http" or closing is None or scope["path"] in WATCHED:
            await self._app(scope, receive, send)
        elif closing.begun:
            await _going().response(scope, receive, send)
        else:
            await self._in_time(closing, scope, receive, send)

    async def _in_time(self, closing: Closing, scope: Scope, receive: Receive, send: Send) -> None:
        loop, started = asyncio.get_running_loop(), False

        async def noting_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(None) as limit:
                with closing.told(lambda: limit.reschedule(loop.time() + self._grace_s)):
                    await self._app(scope, receive, noting_start)
        except TimeoutError:
            if not limit.expired():
                raise
            if not started:
                await _going().response(scope, receive, send)


def _going() -> Refused:
    return Refused(
        503,
        "closing",
        "The server is going away.",
        "Ask again: what was begun is finished by the next server.",
        retry_after_s=2,
        close=True,
    )
