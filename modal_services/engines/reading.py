"""Reading what OpenAI-compatible servers answer, whatever their habits (docs/servers.md)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from modal_services.engine import (
    Delta,
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineRefused,
    EngineTimeout,
    Reply,
    Usage,
)
from modal_services.wire import FinishReason

BUSY = {408, 425, 429, 503}
REFUSED = {400, 413, 415, 422}
TIMED_OUT = 504
REASONS: dict[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}
BROKE_OFF = "The model server broke off in the middle of its answer."
BROKEN = {"abort", "error"}  # SGLang's and vLLM's words for an answer that they gave up


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Words(_Lenient):
    """A message or a piece of one; `content` may be null, or a list of parts."""

    content: str | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return "".join(str(part.get("text", "")) for part in value if isinstance(part, Mapping))


class _Choice(_Lenient):
    message: _Words
    finish_reason: str | None = None
    logprobs: dict[str, Any] | None = None


class _Piece(_Lenient):
    delta: _Words = Field(default_factory=_Words)
    finish_reason: str | None = None
    logprobs: dict[str, Any] | None = None


class _Usage(_Lenient):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(_Lenient):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class _Chunk(_Lenient):
    choices: list[_Piece] = Field(default_factory=list)
    usage: _Usage | None = None


def reply_in(content: bytes) -> Reply:
    """The answer in a body.

    Raises:
        EngineFailed: it is none.
    """
    try:
        completion = _Completion.model_validate_json(content)
    except ValidationError as error:
        raise EngineFailed("The model server answered something that is no completion.") from error
    choice = completion.choices[0]
    return Reply(
        text=choice.message.content or "",
        finish_reason=_reason(choice.finish_reason or "stop"),
        usage=_usage(completion.usage),
        logprobs=choice.logprobs,
    )


async def deltas_in(lines: AsyncIterator[str]) -> AsyncGenerator[Delta, None]:
    """The pieces in a server's events; the last one has the reason and, where told, the usage.

    Raises:
        EngineError: the server told of one, or it broke off.
    """
    reason, usage = None, None
    async for chunk in _chunks(lines):
        usage = _usage(chunk.usage) or usage
        for piece in chunk.choices[:1]:
            reason = piece.finish_reason or reason
            if piece.delta.content or piece.logprobs:
                yield Delta(piece.delta.content or "", logprobs=piece.logprobs)
    if reason is None:
        raise EngineFailed(BROKE_OFF)
    yield Delta(finish_reason=_reason(reason), usage=usage)


async def _chunks(lines: AsyncIterator[str]) -> AsyncGenerator[_Chunk, None]:
    try:
        async for line in lines:
            name, _, text = line.partition(":")
            if name in ("data", "error") and text.strip() not in ("", "[DONE]"):
                yield _chunk(text)
    except (httpx.ReadError, httpx.RemoteProtocolError) as error:
        raise EngineFailed(BROKE_OFF) from error


def _chunk(text: str) -> _Chunk:
    try:
        event = json.loads(text)
        error = event.get("error")
        if error is None and "message" in event and "choices" not in event:
            error = event  # llama-server's `error:` lines
        if error is not None:
            raise _told(error)
        return _Chunk.model_validate(event)
    except (ValueError, AttributeError) as fault:  # a ValidationError is a ValueError
        raise EngineFailed("The model server sent an event that is no piece of one.") from fault


def _told(error: object) -> EngineError:
    code = str(error.get("code")) if isinstance(error, Mapping) else ""
    status = int(code) if code.isdigit() else 500  # some codes are words
    return fault_of(status, _words(error), param=_param(error))


def _reason(said: str) -> FinishReason:
    if said in BROKEN:
        raise EngineFailed(f"The model server gave up its answer ({said}).")
    return REASONS.get(said, "stop")


def _usage(usage: _Usage | None) -> Usage | None:
    if usage is None or usage.prompt_tokens is None:
        return None
    return Usage(usage.prompt_tokens, usage.completion_tokens or 0)


def error_in(response: httpx.Response) -> EngineError:
    """The error of an answer that is no success; errors are objects, strings or plain text."""
    try:
        body = response.json()
    except ValueError:
        body = response.text.strip() or "nothing"
    error = body.get("error", body.get("detail", body)) if isinstance(body, Mapping) else body
    wait_s = _retry_after(response)
    return fault_of(response.status_code, _words(error), param=_param(error), retry_after_s=wait_s)


def fault_of(
    status: int, said: str, *, param: str | None = None, retry_after_s: float | None = None
) -> EngineError:
    """The error that a server's status stands for, with the server's own words."""
    if status in REFUSED:
        return EngineRefused(f"The model server refused the request: {said}", param=param)
    if status in BUSY:
        return EngineBusy(f"The model server is busy: {said}", retry_after_s=retry_after_s)
    if status == TIMED_OUT:
        return EngineTimeout(f"The model server timed out: {said}")
    return EngineFailed(f"The model server answered {status}: {said}")


def _words(error: object) -> str:
    message = error.get("message", error) if isinstance(error, Mapping) else error
    return str(message)[:300]


def _param(error: object) -> str | None:
    param = error.get("param") if isinstance(error, Mapping) else None
    return param if isinstance(param, str) else None


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
