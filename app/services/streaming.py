"""Answers as they are written: text in pieces over server-sent events.

Servers differ here too: one that cannot stream answers the whole in JSON, or refuses the field;
both are one piece. A stream is begun again only while nothing of it has arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx

from app.errors import VisionError, VisionFailed, VisionRefused
from app.services.caller import Caller, timeouts
from app.services.events import EventParser
from app.services.replies import Completion, read
from app.services.statuses import cut_short, raise_for_status, said_in, translated
from app.services.vision import OnProgress, Service

PATH = "/v1/chat/completions"
Piece = str | tuple[Completion, int]


async def streamed(
    caller: Caller, body: dict[str, Any], end: float, on_progress: OnProgress
) -> AsyncGenerator[Piece]:
    """The pieces of an answer, then the whole of it with the attempts that it took.

    Raises:
        VisionFailed: the server reported an error, or wrote nothing.
    """
    try:
        async with contextlib.aclosing(_live(caller, body, end, on_progress)) as pieces:
            async for piece in pieces:
                yield piece
    except VisionRefused as error:  # always before the first piece
        if not re.search(r"\bstream", str(error)):
            raise
        completion, attempts = await caller.send(
            "POST",
            PATH,
            body,
            parse=lambda response: read(caller.service, response),
            end=end,
            on_progress=on_progress,
        )
        yield completion.text
        yield completion, attempts


async def _live(
    caller: Caller, body: dict[str, Any], end: float, on_progress: OnProgress
) -> AsyncGenerator[Piece]:
    body = {**body, "stream": True, "stream_options": {"include_usage": True}}

    async def begin(left_s: float) -> tuple[_Stream, str]:
        stream = await _opened(caller, body, left_s)
        try:
            return stream, await stream.first_piece(left_s)
        except BaseException:
            await stream.aclose()
            raise

    async with caller.slot(end, on_progress):
        (stream, piece), attempts = await caller.persist(begin, end, on_progress)
        async with contextlib.aclosing(stream):
            while piece:
                yield piece
                piece = await stream.piece(end - caller.now())
            yield stream.completion, attempts


async def _opened(caller: Caller, body: dict[str, Any], left_s: float) -> _Stream:
    base_url, service = caller.endpoint.base_url, caller.service
    with translated(service, base_url):
        request = caller.http.build_request("POST", PATH, json=body, timeout=timeouts(left_s))
        async with asyncio.timeout(left_s):
            response = await caller.http.send(request, stream=True)
            live = response.is_success and "event-stream" in response.headers.get(
                "content-type", ""
            )
            if live:
                return _Stream(service, base_url, response)
            await response.aread()
    raise_for_status(service, response)
    return _Stream(service, base_url, response, read(service, response))


class _Stream:
    """An answer that is being written; or the whole of one, where the server could not stream."""

    def __init__(
        self,
        service: Service,
        base_url: str,
        response: httpx.Response,
        whole: Completion | None = None,
    ) -> None:
        self._service: Service = service
        self._base_url = base_url
        self._response = response
        self._events = self._arriving(response.aiter_bytes())
        self._whole = whole
        self._texts: list[str] = []
        self._probabilities: list[Any] = []
        self._rest: dict[str, Any] = {"swath": {}}
        self._finished = False

    async def first_piece(self, left_s: float) -> str:
        """The first text.

        Raises:
            VisionFailed: the answer has none.
        """
        piece = self._whole.text if self._whole else await self.piece(left_s)
        if not piece:
            raise self._failed(f"The {self._service} service gave an empty answer.")
        return piece

    async def piece(self, left_s: float) -> str:
        """The next text, or none at the end."""
        if self._whole:
            return ""
        with translated(self._service, self._base_url):
            async with asyncio.timeout(max(0.01, left_s)):
                async for event in self._events:
                    if event.strip() == "[DONE]":
                        return ""
                    if text := self._text_of(event):
                        return text
        if not self._finished:
            raise cut_short(self._service)
        return ""

    @property
    def completion(self) -> Completion:
        """The answer as one that was not streamed."""
        if self._whole:
            return self._whole
        message = {"content": "".join(self._texts)}
        probabilities = {"content": self._probabilities} if self._probabilities else None
        choice = {"message": message, "logprobs": probabilities}
        return Completion.model_validate({**self._rest, "choices": [choice]})

    async def _arriving(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[str]:
        parser = EventParser()
        async for chunk in chunks:
            for event in parser.feed(chunk):
                yield event
        for event in parser.end():
            yield event

    async def aclose(self) -> None:
        """Ends the answer; a server that is still writing it sees that its reader has left."""
        await self._events.aclose()
        await self._response.aclose()

    def _text_of(self, event: str) -> str:
        try:
            chunk = json.loads(event)
        except ValueError as error:
            raise self._failed("It streamed something that is no JSON.") from error
        if not isinstance(chunk, dict) or "error" in chunk:
            raise self._failed(f"The {self._service} service broke off: {said_in(chunk)}")
        for name in ("model", "usage", "measurements"):
            if chunk.get(name):
                self._rest[name] = chunk[name]
        self._rest["swath"] |= chunk.get("swath") or {}
        choice = (chunk.get("choices") or [{}])[0]
        self._finished = self._finished or bool(choice.get("finish_reason"))
        self._probabilities += (choice.get("logprobs") or {}).get("content") or []
        text = str((choice.get("delta") or {}).get("content") or "")
        self._texts.append(text)
        return text

    def _failed(self, message: str) -> VisionError:
        return VisionFailed(message, service=self._service, status=self._response.status_code)
