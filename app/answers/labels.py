"""The label that an answer to a choice names: "urban" to "Is it urban or rural?"."""

from __future__ import annotations

import re

_CHOICE = re.compile(
    r"(?P<options>(?:[\w'/-]+(?: [\w'/-]+){0,2}, )*[\w'/-]+(?: [\w'/-]+){0,2},? or "
    r"(?:an? |the )?[\w'/-]+(?: [\w'/-]+){0,2})\s*(?:\?|$|area\b|scene\b)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:.*\b(?:is|are|was|it|this|that|image|scene|area|more|mostly|mainly|rather|either|an?|the"
    r"|whether)\b )(?=[\w'-]+$)|^(?:an?|the|more|mostly|rather) ",
    re.IGNORECASE,
)
_WHICH = re.compile(r"^(?:which|what)\b[^,]*[,:]\s*(?=.*\bor\b)", re.IGNORECASE)
SHORT_WORDS = 6  # an answer of at most so many is its own label


def options_in(question: str) -> tuple[str, ...]:
    """What a question lets one choose from; nothing where it is no choice."""
    match = _CHOICE.search(_WHICH.sub("", question.strip()))
    if not match:
        return ()
    parts = re.split(r",? or |, ", match["options"])
    found = [_LEAD.sub("", part.strip()).strip().lower() for part in parts]
    return tuple(dict.fromkeys(one for one in found if one))


def label_of(text: str, options: tuple[str, ...]) -> str | None:
    """The option that the words name; None where they name none, or several."""
    lower = text.lower()
    named = [one for one in options if re.search(rf"(?<!not )(?<!non-)\b{re.escape(one)}\b", lower)]
    if len(named) == 1:
        return named[0]
    first = re.split(r"(?<=[.!?,;])\s| (?:rather than|and not|not|instead of|than)\b", lower)[0]
    named = [one for one in named if re.search(rf"\b{re.escape(one)}\b", first)]
    return named[0] if len(named) == 1 else None


def short_phrase(text: str) -> str | None:
    """The words themselves where they are few enough to be a label."""
    words = text.strip().rstrip(".").strip()
    return words if 0 < len(words.split()) <= SHORT_WORDS and "\n" not in words else None
