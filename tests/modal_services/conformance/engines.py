"""The talker as an engine, and as a model server with vLLM's shapes."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import asdict
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from modal_services.engine import Delta, EngineFailed, EngineHealth, Prompt, Reply, Usage
from modal_services.wire import FinishReason
from tests.modal_services.conformance.talker import (
    BREAK_OFF,
    FAIL,
    TIME_OUT,
    WAIT,
    WORDS_BEFORE_TROUBLE,
    Said,
    Talker,
    say,
)

MODEL = "qwen-vqa-special"
FOREVER_S = 60


class TalkingEngine:
    """The talker without HTTP."""

    name = "scripted"
    model_id: str | None = None
    aliases: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def __init__(self, talker: Talker) -> None:
        self._talker = talker

    async def chat(self, prompt: Prompt) -> Reply:
        said = _said(prompt)
        await self._misbehave(prompt.question)
        usage = Usage(said.prompt_tokens, len(said.words))
        return Reply(said.text, _reason(said), usage, logprobs=said.logprobs)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        said = _said(prompt)
        for index, word in enumerate(said.words):
            if index in (0, WORDS_BEFORE_TROUBLE):
                await self._misbehave(prompt.question, late=index > 0)
            yield Delta(word)
        yield Delta(finish_reason=_reason(said), usage=Usage(said.prompt_tokens, len(said.words)))

    async def _misbehave(self, question: str, *, late: bool = True) -> None:
        if FAIL in question:
            raise EngineFailed("It failed, as it was asked to.")
        if TIME_OUT in question:
            raise TimeoutError
        if late and BREAK_OFF in question:
            raise EngineFailed("It broke off, as it was asked to.")
        if late and WAIT in question:
            try:
                await asyncio.sleep(FOREVER_S)
            except asyncio.CancelledError:
                self._talker.stopped.append(question)
                raise

    async def health(self) -> EngineHealth:
        return EngineHealth("ready")

    async def aclose(self) -> None:
        pass


def _said(prompt: Prompt) -> Said:
    seen = [
        part if isinstance(part, str) else (part.width_px, part.height_px)
        for turn in prompt.turns
        for part in turn.parts
    ]
    return say(seen, asdict(prompt.sampling))


def _reason(said: Said) -> FinishReason:
    return "length" if said.finish_reason == "length" else "stop"


def talking_server(talker: Talker) -> Starlette:
    """A model server: what vLLM answers, without a model."""

    async def models(_request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def chat(request: Request) -> Response:
        body = await request.json()
        said = say(_seen(body), {**body, **(body.get("structured_outputs") or {})})
        question = str(body["messages"][-1]["content"])
        if FAIL in question or TIME_OUT in question:
            return _fault(500, "It failed, as it was asked to.")
        if body.get("stream"):
            events = _events(said, question, talker, body)
            return StreamingResponse(events, media_type="text/event-stream")
        if WAIT in question:
            while not await request.is_disconnected():  # noqa: ASYNC110 - it tells no other way
                await asyncio.sleep(0.01)
            talker.stopped.append(question)
        message = {"role": "assistant", "content": said.text}
        choice = {"index": 0, "message": message, "logprobs": said.logprobs}
        choice["finish_reason"] = said.finish_reason
        return JSONResponse({"id": "chatcmpl-1", "choices": [choice], "usage": said.usage})

    routes = [
        Route("/v1/models", models),
        Route("/v1/chat/completions", chat, methods=["POST"]),
    ]
    return Starlette(routes=routes)


async def _events(
    said: Said, question: str, talker: Talker, body: dict[str, Any]
) -> AsyncIterator[str]:
    try:
        yield _event(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}}])
        for index, word in enumerate(said.words):
            if index == WORDS_BEFORE_TROUBLE and BREAK_OFF in question:
                yield _event(error={"message": "It broke off, as it was asked to.", "code": 500})
                return
            if index == WORDS_BEFORE_TROUBLE and WAIT in question:
                await asyncio.sleep(FOREVER_S)
            yield _event(choices=[{"index": 0, "delta": {"content": word}}])
        yield _event(choices=[{"index": 0, "delta": {}, "finish_reason": said.finish_reason}])
        if (body.get("stream_options") or {}).get("include_usage"):
            yield _event(choices=[], usage=said.usage)
        yield "data: [DONE]\n\n"
    except asyncio.CancelledError:
        talker.stopped.append(question)
        raise


def _event(**fields: Any) -> str:
    return f"data: {json.dumps({'id': 'chatcmpl-1', **fields})}\n\n"


def _fault(status: int, message: str) -> Response:
    error = {"message": message, "type": "InternalServerError", "param": None, "code": status}
    return JSONResponse({"error": error}, status)


def _seen(body: dict[str, Any]) -> list[str | tuple[int, int]]:
    parts: list[Any] = []
    for message in body["messages"]:
        content = message["content"]
        parts += [{"text": content}] if isinstance(content, str) else content
    return [part["text"] if "text" in part else _size(part["image_url"]["url"]) for part in parts]


def _size(uri: str) -> tuple[int, int]:
    head, _, data = uri.partition(",")
    if not head.startswith("data:image/"):
        raise AssertionError("the model server got something that is no picture of ours")
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        return image.size
