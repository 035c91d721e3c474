"""A turn as a chat completion, whole or in pieces."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.api.openai.request import MODEL
from app.turn import Turn
from modal_services.chunks import Chunk, ChunkChoice, ChunkDelta
from modal_services.errors import Problem
from modal_services.wire import AssistantMessage, ChatCompletion, Choice, UsageBody

TOLD = (
    "turn_id", "status", "task", "vqa_type", "plan", "answers", "engine", "model", "image",
    "execution_log", "ms",
)  # fmt: skip
DONE = b"data: [DONE]\n\n"


def completion(turn: Turn) -> ChatCompletion:
    """The whole answer."""
    return ChatCompletion(
        id=f"chatcmpl-{turn.turn_id}",
        created=int(time.time()),
        model=MODEL,
        choices=[Choice(message=AssistantMessage(content=turn.content))],
        usage=usage_of(turn),
        swath=more_of(turn),
    )


def usage_of(turn: Turn) -> UsageBody:
    """The tokens that models counted for all tasks; none where no model was asked."""
    counted = [one.detail.get("usage") or {} for one in turn.answers]
    asked, written = (
        sum(int(one.get(name) or 0) for one in counted)
        for name in ("prompt_tokens", "completion_tokens")
    )
    return UsageBody(prompt_tokens=asked, completion_tokens=written, total_tokens=asked + written)


def more_of(turn: Turn) -> Mapping[str, Any]:
    """What OpenAI's shape has no place for: the plan, typed answers, the log, the thread."""
    found = turn.model_dump(mode="json", include=set(TOLD))
    return {"thread_id": turn.thread_id or None, **found}


def failure(problem: Problem) -> bytes:
    """An error in the middle of a stream, which OpenAI's clients raise."""
    return f"data: {json.dumps(problem.body.model_dump())}\n\n".encode()


@dataclass
class Pieces:
    """Writes the chunks of one stream."""

    created: int = field(default_factory=lambda: int(time.time()))
    chunk_id: str = "chatcmpl-0"
    _begun: bool = False

    def words(self, text: str) -> bytes:
        """More of the answer; the role stands in the first piece."""
        delta = ChunkDelta(role=None if self._begun else "assistant", content=text)
        self._begun = True
        return self._written([ChunkChoice(index=0, delta=delta)])

    def end(self, turn: Turn, *, include_usage: bool) -> bytes:
        """The last pieces."""
        choice = ChunkChoice(index=0, delta=ChunkDelta(), finish_reason="stop")
        last = self._written([choice], swath=more_of(turn))
        usage = self._written([], usage=usage_of(turn)) if include_usage else b""
        return last + usage + DONE

    def _written(self, choices: list[ChunkChoice], **more: Any) -> bytes:
        chunk = Chunk(id=self.chunk_id, created=self.created, model=MODEL, choices=choices, **more)
        # Half characters of a model's words are no UTF-8.
        text = json.dumps(chunk.model_dump(mode="json"), ensure_ascii=False)
        return f"data: {text}\n\n".encode(errors="replace")
