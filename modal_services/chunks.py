"""The pieces of a streamed answer, in OpenAI's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from modal_services.wire import FinishReason, UsageBody, Wire


class Sparse(Wire):
    """What is not there is left out, but for `finish_reason`, which is null until the end."""

    @model_serializer(mode="wrap")
    def _without_gaps(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialized(self)
        return {
            name: value
            for name, value in fields.items()
            if value is not None or name == "finish_reason"
        }


class ChunkDelta(Sparse):
    """More words; the role stands in the first piece only."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Sparse):
    """A piece of one answer."""

    index: int
    delta: ChunkDelta
    logprobs: Mapping[str, Any] | None = None
    finish_reason: FinishReason | None = None


class Chunk(Sparse):
    """One event of a stream. The one that carries `usage` has no choices."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: UsageBody | None = None
    swath: Mapping[str, Any] | None = None
    measurements: list[Mapping[str, Any]] | None = None
