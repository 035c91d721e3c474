"""A model's words as they are read: without its thinking aloud, and without marks around them."""

from __future__ import annotations

import json
import re

_THOUGHT = re.compile(r"^.*</think(?:ing)?>|<think(?:ing)?>.*$", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^```\w*\s*|(?<!\s)\s*+```$")
_MARKS = re.compile(r"\*\*|__|`")
_LEAD = re.compile(
    r"^\s*(?:(?:final answer|the answer is|answer|result|a)\s*[:=]\s*|[-*•]\s+)+", re.IGNORECASE
)


def said(text: str) -> str:
    """What the model says. What it thought before is no part of it; a cut thought is nothing."""
    return _THOUGHT.sub("", text).strip()


def plain(text: str) -> str:
    """What the model says, without emphasis, "Answer:" and JSON around one value."""
    bare = _FENCE.sub("", said(text)).strip()
    if bare.startswith("{"):
        bare = _only_value(bare)
    return _LEAD.sub("", _MARKS.sub("", bare)).strip()


def _only_value(text: str) -> str:
    """The `answer` of a JSON object, or its only value; nothing where that is not plain."""
    try:
        made = json.loads(text)
    except (ValueError, RecursionError):  # no JSON, or nested without an end
        return text
    value = made.get("answer", next(iter(made.values())) if len(made) == 1 else None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float | str) else ""
