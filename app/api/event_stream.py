"""A response of server-sent events that ends when its reader leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.errors import ServerStopping

T = TypeVar("T")

# A proxy that buffered the answer would make a stream pointless.
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class EventStream(Response):
    """Sends the pieces as they come; closes their source at the end, whoever ended it."""

    media_type = "text/event-stream"

    def __init__(
        self, pieces: AsyncGenerator[bytes], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(headers={**HEADERS, **(headers or {})})
        del self.headers["content-length"]
        self._pieces = pieces

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the end, or until the reader is gone."""
        sending = asyncio.create_task(self._send(send))
        left = asyncio.create_task(gone(receive))
        try:
            await asyncio.wait({sending, left}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, left):
                task.cancel()
            await asyncio.gather(sending, left, return_exceptions=True)
            await self._pieces.aclose()

    async def _send(self, send: Send) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def gone(receive: Receive) -> None:
    """Returns when the caller has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_gone(request: Request, work: Coroutine[Any, Any, T], leaving: asyncio.Event) -> T:
    """The outcome of the work, which is cancelled when the caller goes away or the server stops.

    Raises:
        ClientDisconnect: nobody reads the answer.
        ServerStopping: the server is asked to end.
    """
    task = asyncio.create_task(work)
    left = asyncio.create_task(gone(request.receive))
    stopped = asyncio.create_task(leaving.wait())
    try:
        await asyncio.wait({task, left, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if stopped.done():
            raise ServerStopping("The server is stopping.", hint="Ask again in a moment.")
        raise ClientDisconnect
    finally:
        for one in (task, left, stopped):
            one.cancel()
        await asyncio.gather(task, left, stopped, return_exceptions=True)
