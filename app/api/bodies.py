"""Bodies as they are read: never more of one than is allowed, never for longer."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.refused import Refused


class Bodies:
    """ASGI middleware that refuses large bodies with 413 and slow ones with 408.

    A body that says its size is refused before it is read; any other when it grows too large. What
    is not read is thrown away by the server, not kept.

    Args:
        app: what stands behind it.
        most_bytes: of a body.
        most_s: seconds for sending it.
    """

    def __init__(self, app: ASGIApp, *, most_bytes: int, most_s: float) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._most_s = most_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on with its body watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        size = dict(scope["headers"]).get(b"content-length", b"0")
        if not size.isdigit() or int(size) > self._most_bytes:
            await self._too_large().response(scope, receive, send)
            return
        await self._app(scope, self._watched(receive), send)

    def _watched(self, receive: Receive) -> Receive:
        loop = asyncio.get_running_loop()
        end, left, complete = loop.time() + self._most_s, self._most_bytes, False

        async def watched() -> Message:
            nonlocal left, complete
            if complete:  # only the caller's leaving is waited for now
                return await receive()
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                raise self._too_slow() from None
            left -= len(message.get("body", b""))
            if left < 0:
                raise self._too_large()
            complete = not message.get("more_body", False)
            return message

        return watched

    def _too_large(self) -> Refused:
        message = f"The body is larger than {self._most_bytes:,} bytes."
        return Refused(413, "body_too_large", message, "SWATH_MAX_IMAGE_BYTES sets the limit.")

    def _too_slow(self) -> Refused:
        message = f"The body was not there after {self._most_s:g} seconds."
        return Refused(408, "body_timeout", message, "Send it again.", close=True)
