"""Work that ends when its caller leaves, and an answer as server-sent events.

Servers tell of a caller who left only to those who listen, and uvicorn waits for open answers
before it ends: without this a GPU goes on for nobody, and a stopped service never exits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from modal_services.chunks import Chunk
from modal_services.errors import CLIENT_LEFT, INTERNAL, STOPPING, Problem, ServiceError, problem_of

log = structlog.get_logger(__name__)
T = TypeVar("T")


async def unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of the work, which is cancelled if the caller goes away.

    Raises:
        ServiceError: the caller went away; nobody reads the answer.
    """
    task = asyncio.create_task(work)
    left = asyncio.create_task(_left(request.receive))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ServiceError(CLIENT_LEFT)
        return task.result()
    finally:
        await _ended(task, left)


async def begun(chunks: AsyncGenerator[Chunk, None]) -> Chunk:
    """The first piece. What goes wrong before it can still have a status of its own."""
    return await anext(chunks)


class EventStream(Response):
    """A stream that has begun.

    It ends early, and the engine's work with it, when the caller leaves or the service stops;
    in the latter case with an error event.
    """

    media_type = "text/event-stream"

    def __init__(
        self, first: Chunk, rest: AsyncGenerator[Chunk, None], stopping: asyncio.Event
    ) -> None:
        # A proxy that buffered the answer would make a stream pointless.
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._first = first
        self._rest = rest
        self._stopping = stopping

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Sends pieces as they come."""
        sending = asyncio.create_task(self._send(send))
        left = asyncio.create_task(_left(receive))
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({sending, left, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if stopped.done() and not sending.done():
                await _ended(sending)
                await send(_event(_error(STOPPING)))
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await _ended(sending, left, stopped)
            await self._rest.aclose()

    async def _send(self, send: Send) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send(_event(self._first.model_dump_json()))
        try:
            async for chunk in self._rest:
                await send(_event(chunk.model_dump_json()))
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                log.exception("unhandled fault in a stream")
            await send(_event(_error(problem or INTERNAL)))
        else:
            await send(_event("[DONE]"))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _event(text: str) -> dict[str, Any]:
    return {"type": "http.response.body", "body": f"data: {text}\n\n".encode(), "more_body": True}


def _error(problem: Problem) -> str:
    return json.dumps(problem.body.model_dump())


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    with contextlib.suppress(Exception):
        await asyncio.gather(*tasks, return_exceptions=True)
