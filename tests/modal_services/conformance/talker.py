"""Something that answers like a model, word by word, without being one.

It says what it was shown and asked, so that a check can tell what reached it; one word is one
token. A few questions make it misbehave:

    please fail            it fails before the first word
    please time out        it raises the builtin TimeoutError, which Modal would take for "pending"
    please break off       it fails after three words
    please wait            it says three words and then nothing until it is stopped
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FAIL, TIME_OUT = "please fail", "please time out"
BREAK_OFF, WAIT = "please break off", "please wait"
WORDS_BEFORE_TROUBLE = 3


@dataclass(frozen=True)
class Said:
    words: list[str]
    finish_reason: str
    prompt_tokens: int
    logprobs: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def usage(self) -> dict[str, int]:
        spoken = len(self.words)
        total = self.prompt_tokens + spoken
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": spoken,
            "total_tokens": total,
        }


@dataclass
class Talker:
    """Counts the works that were stopped before their end."""

    stopped: list[str] = field(default_factory=list)


def say(seen: Sequence[str | tuple[int, int]], settings: Mapping[str, Any]) -> Said:
    """The answer to words and pictures (their sizes) in the order in which they came."""
    parts = [part if isinstance(part, str) else f"{part[0]}x{part[1]}" for part in seen]
    prompt_tokens = sum(
        len(part.split()) if isinstance(part, str) else 1 + part[0] * part[1] // 1024
        for part in seen
    )
    text, reason = _text(parts, settings), "stop"
    ends = [end for word in settings.get("stop") or () if (end := text.find(word)) >= 0]
    words = re.findall(r"\S+\s*|\s+", text[: min(ends, default=len(text))])
    limit = settings.get("max_tokens") or len(words)
    if len(words) > limit:
        words, reason = words[:limit], "length"
    return Said(words, reason, prompt_tokens, _logprobs(words, settings))


def _text(parts: Sequence[str], settings: Mapping[str, Any]) -> str:
    if choice := settings.get("choice"):
        return str(choice[0])
    if settings.get("response_format"):
        return json.dumps({"ships": 3})
    luck = ""
    if settings.get("temperature"):
        luck = f" Luck {random.Random(settings.get('seed')).random():.6f}."
    return f"I was given: {' | '.join(parts)}.{luck}"


def _logprobs(words: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any] | None:
    if not settings.get("logprobs"):
        return None
    top = [{"token": "a", "logprob": -1.0, "bytes": None}] * (settings.get("top_logprobs") or 0)
    return {
        "content": [
            {"token": word, "logprob": -0.5, "bytes": list(word.encode()), "top_logprobs": top}
            for word in words
        ]
    }
