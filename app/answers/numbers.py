"""Numbers in words: digits, words, ranges, and their units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORTH: Mapping[str, int] = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
    "dozen": 12,
}  # fmt: skip
_SCALES: Mapping[str, int] = {"hundred": 100, "thousand": 1000, "million": 10**6, "k": 1000}
_WORD = "|".join([*_TENS, *reversed(_SMALL)])
_SPELT = rf"(?:(?:a|one|two|three|four|five) dozen|(?:{_WORD})(?:[ -](?:{_WORD}))?)"
_SCALE = r"(?:[ -]?(?:hundred|thousand|million)\b|k\b)"
_DIGITS = r"\d{1,3}(?:[,\u202f\u00a0]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_ONE = rf"(?:{_DIGITS}|\b{_SPELT}\b)(?:{_SCALE})?"
UNITS: Mapping[str, str] = {
    "%": r"%|per ?cent|percent",
    "km2": r"km\s?(?:²|\^?2)|sq\.? ?km|square (?:kilomet(?:er|re)s?)",
    "m2": r"m\s?(?:²|\^?2)(?!\w)|sq\.? ?m(?:et(?:er|re)s?)?\b|square (?:met(?:er|re)s?)",
    "ha": r"hectares?|ha\b",
    "acres": r"acres?",
    "km": r"km\b|kilomet(?:er|re)s?",
    "m": r"m\b|met(?:er|re)s?\b",
    "px": r"px\b|pixels?\b",
}
_UNIT = "|".join(f"(?:{pattern})" for pattern in UNITS.values())
_AMOUNT = re.compile(
    rf"(?<![\w.,-])(?P<low>{_ONE})\s*(?:(?P<lowunit>{_UNIT})\s*)?"
    rf"(?:(?:-|–|—|to|or|bis|à|and(?= \d))\s*(?P<high>{_ONE})\s*)?(?P<unit>{_UNIT})?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in|since|from|of|by|year)\s+$", re.IGNORECASE)
AREAS = frozenset({"m2", "ha", "km2", "acres"})
LENGTHS = frozenset({"m", "km"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or a range of them; `start` is where it stands in the text."""

    low: float
    high: float | None
    unit: str | None
    start: int


def amounts(text: str) -> Iterator[Amount]:
    """Every amount in the words, in order."""
    for match in _AMOUNT.finditer(text):
        if re.fullmatch(r"(?:19|20)\d\d", match["low"]) and _YEAR.search(text[: match.start()]):
            continue
        high = match["high"]
        if high and re.search(rf"{re.escape(match['low'])}\s*and", match[0]):
            between = _BETWEEN.search(text[: match.start()])
            high = high if between else None
        unit = match["unit"] or match["lowunit"]
        yield Amount(
            number(match["low"]), number(high) if high else None, _unit(unit), match.start()
        )


def number(words: str) -> float:
    """The value of digits or of a number word, with its scale."""
    text = words.lower().strip()
    scale = 1
    for name, worth in _SCALES.items():
        cut = re.sub(rf"[ -]?{name}$", "", text)
        if cut != text:
            text, scale = cut, worth
            break
    if text[:1].isdigit():
        return float(re.sub(r"[,\u202f\u00a0]", "", text)) * scale
    if text.endswith("dozen"):
        first = text.split()[0]
        return float(12 * (1 if first == "a" else _WORTH[first]))
    return float(sum(_WORTH[part] for part in re.split(r"[ -]", text) if part)) * scale


def says_none(text: str) -> bool:
    """Whether the words begin by saying that there is nothing of it."""
    first = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return (
        re.match(
            r"\W*(?:(?:there|i|we) (?:is|are|see|can see|count|found|find) )?"
            r"(?:no\b(?! (?:idea|way|information))|none\b|not any\b|nothing\b)"
            r"|.*\b(?:there (?:is|are|aren't|isn't)(?: not)? (?:no|any)\b|(?:do|can) ?not see any)",
            first,
            re.IGNORECASE,
        )
        is not None
    )


def _unit(words: str | None) -> str | None:
    if not words:
        return None
    named = (name for name, pattern in UNITS.items() if re.fullmatch(pattern, words, re.IGNORECASE))
    return next(named, None)
