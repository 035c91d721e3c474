"""The short answer in a sentence: yes or no, or one number."""

from __future__ import annotations

import re
from typing import Literal

_FIRST = re.compile(r"\W*(yes|no|yeah|nope|true|false)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:[,  ]\d{3})*(?:\.\d+)?")
_RANGE = re.compile(r"\([^)]*\)")
WORDS = {
    "no": 0, "none": 0, "zero": 0, "one": 1, "a single": 1, "two": 2, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip


def yes_or_no_in(text: str) -> Literal["yes", "no"] | None:
    """What an answer begins with."""
    match = _FIRST.match(text)
    if match is None:
        return None
    return "yes" if match[1].lower() in ("yes", "yeah", "true") else "no"


def number_in(text: str) -> float | int | None:
    """The first number of an answer, in digits, else in words; what stands in () is none."""
    match = _NUMBER.search(_RANGE.sub(" ", text)) or _NUMBER.search(text)
    if match:
        digits = re.sub(r"[,  ]", "", match[0]).replace("−", "-")
        return float(digits) if "." in digits else int(digits)
    for word, value in sorted(WORDS.items(), key=lambda pair: -len(pair[0])):
        if re.search(rf"\b{word}\b", text, re.IGNORECASE):
            return value
    return None
