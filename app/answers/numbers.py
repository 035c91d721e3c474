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
# Two to ten where a number word is no English one; one is an article in most of them.
_ELSEWHERE: Mapping[str, int] = {
    word: value
    for value, words in enumerate(
        (
            "deux dos zwei dois duas twee два две", "trois tres drei três drie три",
            "quatre cuatro vier quattro quatro четыре", "cinq cinco fünf cinque vijf пять",
            "seis sechs zes шесть", "siete sieben sette sete zeven семь",
            "huit ocho acht otto oito восемь", "nueve neun nove negen девять",
            "dix diez zehn dieci dez tien десять",
        ),
        2,
    )
    for word in words.split()
}  # fmt: skip
NUMBER_WORDS = tuple(_ELSEWHERE)
_SCALES: Mapping[str, int] = {"hundred": 100, "thousand": 1000, "million": 10**6, "k": 1000}
_WORD = "|".join([*_TENS, *reversed(_SMALL)])
_SPELT = (
    rf"(?:(?:half a|a|one|two|three|four|five) dozen|a single|(?:{_WORD})(?:[ -](?:{_WORD}))?"
    rf"|{'|'.join(_ELSEWHERE)})"
)
_SCALE = r"(?:[ -]?(?:hundred|thousand|million)\b|k\b)"
_DIGITS = r"\d{1,3}(?:[, \u202f\u00a0]\d{3}(?!\d))+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_ONE = rf"(?:{_DIGITS}|\b{_SPELT}\b)(?:{_SCALE})?"
UNITS: Mapping[str, str] = {
    "%": r"%|per ?cent|percent|prozent|procent|por ?ciento|por ?cento|pour ?cent|процент\w*",
    "km2": r"km\s?(?:²|\^?2)|sq\.? ?km|square (?:kilomet(?:er|re)s?)",
    "m2": r"m\s?(?:²|\^?2)(?!\w)|sq\.? ?m(?:et(?:er|re)s?)?\b|square (?:met(?:er|re)s?)",
    "ha": r"hect[aá]reas?|hectares?|hektar|ettari|ha\b",
    "acres": r"acres?",
    "km": r"km\b|kilomet(?:er|re)s?",
    "m": r"m\b|met(?:er|re)s?\b",
    "px": r"px\b|pixels?\b",
}
_UNIT = "|".join(f"(?:{pattern})" for pattern in UNITS.values())
_AMOUNT = re.compile(
    rf"(?<![A-Za-z0-9_À-ÿЀ-ӿ.,-])(?P<low>{_ONE})(?!\d|,\d)\s*(?:(?P<lowunit>{_UNIT})\s*)?"
    rf"(?:(?:-|–|—|to|or|bis|à|and(?= \d))\s*(?P<high>{_ONE})\s*)?(?P<unit>{_UNIT})?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b")
_YEAR = re.compile(r"\b(?:in|since|from|of|by|year)\s+$", re.IGNORECASE)
# "runway 27", "No. 5", "a GSD of 10 m", "0.5 m per pixel" say how many of nothing.
_NAME = re.compile(
    r"\b(?:terminal|runway|gate|pier|berth|zone|block|route|highway|band|phase|level|quadrant"
    r"|figure|n[or]\.|(?:gsd|resolution|scale)(?: of| is)?(?: about)?)[ :=]*$",
    re.IGNORECASE,
)
_OF_A_PIXEL = re.compile(r"[\d.,]+\s*\w+\s*(?:/|per|a)\s*(?:px|pixel)\b", re.IGNORECASE)
AREAS = frozenset({"m2", "ha", "km2", "acres"})
IMPLAUSIBLE = 1e15  # square metres: twice the earth's surface
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
    text = _DATE.sub(lambda found: " " * len(found[0]), text)
    for match in _AMOUNT.finditer(text):
        if re.fullmatch(r"(?:19|20)\d\d", match["low"]) and _YEAR.search(text[: match.start()]):
            continue
        if _NAME.search(text[: match.start()]) or _OF_A_PIXEL.match(text[match.start() :]):
            continue
        high = match["high"]
        if high and re.search(rf"{re.escape(match['low'])}\s*and", match[0]):
            between = _BETWEEN.search(text[: match.start()])
            high = high if between else None
        least, most = number(match["low"]), number(high) if high else None
        if max(least, most or 0) < IMPLAUSIBLE:
            unit = _unit(match["unit"] or match["lowunit"])
            yield Amount(least, most, unit, match.start())


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
        return float(re.sub(r"[, \u202f\u00a0]", "", text)) * scale
    if text in _ELSEWHERE or text == "a single":
        return float(_ELSEWHERE.get(text, 1)) * scale
    if text.endswith("dozen"):
        first = text.split()[0]
        return float({"half": 6, "a": 12}.get(first) or 12 * _WORTH[first])
    return float(sum(_WORTH[part] for part in re.split(r"[ -]", text) if part)) * scale


def says_none(text: str) -> bool:
    """Whether the words begin by saying that there is nothing of it."""
    if re.match(r"\W*no\. ?\d", text, re.IGNORECASE):  # number five, not none
        return False
    first = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return (
        re.match(
            r"\W*(?:(?:there|i|we) (?:is|are|see|can see|count|found|find) )?"
            r"(?:no\b(?!,)(?! (?:idea|way|information|more|fewer|less|doubt|problem))|none\b"
            r"|not any\b|nothing\b|keine?\b|aucune?\b"
            r"|ning[uú]n[oa]?\b|nessun[oa]?\b|nenhuma?\b|geen\b|нет\b|没有|沒有)"
            r"|.*\b(?:there (?:is|are|aren't|isn't)(?: not)? (?:no(?! more| fewer| less| doubt)"
            r"|any)\b|(?:do|can) ?not see any"
            r"|(?:does|do)(?: not|n't) (?:contain|show|have|include) any)",
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
