"""Reads a model's words as a typed answer, by the kind of question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.answers.answer import Value
from app.answers.labels import label_of, options_in, short_phrase
from app.answers.numbers import AREAS, LENGTHS, Amount, amounts, says_none
from app.answers.probabilities import FROM_TOKENS, yesno_confidence
from app.answers.words import plain
from app.answers.yesno import says_unsure, yes_or_no
from app.state import VqaType

# Vision-language models count a few things well, and the worse the more there are: on satellite
# pictures "Good at captioning, bad at counting" (Zhang and Wang 2024, arXiv:2401.17600), elsewhere
# CountQA (2025), where the best of 15 is right in 42.9 %. Neither draws a line; this is ours.
COUNTED_WELL = 10

UNREAD: Mapping[VqaType, str] = {
    "yesno": "The words say neither yes nor no.",
    "counting": "The words give no number.",
    "area": "The words give no size.",
}
MANY = f"Models miscount more than about {COUNTED_WELL} objects; take the number as rough."
NO_SCALE = (
    "How large a pixel is on the ground is not known for this image, so a size in {unit} would be "
    "made up. A share in percent needs none."
)
ROUGH = "A size that a model reads off a picture is an estimate, no measurement."
RANGE = "It is a range."
SEVERAL = "The words give several numbers."
BOUND = "The words give a bound, not how many or how much."
_APPROXIMATE = re.compile(
    r"\b(?:about|around|approximately|approx|roughly|nearly|almost|some|circa|ca|estimated?|environ"
    r"|etwa|ungefähr)\b|~|≈|约",
    re.IGNORECASE,
)
_STATED_SCALE = re.compile(
    r"\d(?:\.\d+)?\s*(?:cm|centimet(?:er|re)s?|m|met(?:er|re)s?|km)\b\s*(?:/|per |a )?(?:px|pixel)?"
    r".{0,20}\b(?:resolution|gsd|pixel|px)|\b(?:resolution|gsd|pixel size)\b.{0,20}\d",
    re.IGNORECASE,
)


_BOUND = re.compile(
    r"(?:\b(?:(?:more|greater|larger|less|fewer|smaller) than|at least|at most|up to|no more than"
    r"|over|above|under|below)|[<>≤≥])\s*(?:about\s*)?$",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"(?:\b(?:total|in all|altogether|sum)\b|=)[^\d.]{0,20}", re.IGNORECASE)
_ADDED = re.compile(
    r"(?:\band|\bplus|\bby|[,;+x×]|\n)\s*(?:[^\W\d]+ |about |another |[-*•]?[^\d\n:]{1,30}:\s*)?$",
    re.IGNORECASE,
)
_SIDE = re.compile(r"\d\s*(?:m|metres|meters)?\s*(?:[x×]|by)\s*$", re.IGNORECASE)  # "80 x 120 m"
_LIST = re.compile(r"^\s*\d{1,2}[.)]\s+(?=\S)", re.MULTILINE)
_PART = re.compile(r"\S+ of (?:which|them|these|those|the)\b", re.IGNORECASE)
MOST_READ = 2000  # characters; an answer stands at the beginning of its words
LEADS_WITHIN = 30  # characters: "In the image there are about 12 ..."


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in an answer's words."""

    value: Value | None = None
    range: tuple[float, float] | None = None
    unit: str | None = None
    confidence: float | None = None
    confidence_from: str | None = None
    caveats: tuple[str, ...] = field(default=())


def read_answer(
    text: str,
    vqa_type: VqaType,
    *,
    subtype: str | None = None,
    question: str = "",
    metres_per_px: float | None = None,
    logprobs: Mapping[str, Any] | None = None,
) -> Read:
    """The value in a model's words; what cannot be read is None with a caveat, never made up.

    Args:
        text: the model's words.
        vqa_type: the kind of question.
        subtype: of it.
        question: which may name choices, and the size of a pixel on the ground.
        metres_per_px: ground sample distance, where the image tells it.
        logprobs: of the words' tokens, where the service told them.
    """
    text = plain(text)[:MOST_READ]
    scaled = metres_per_px is not None or _STATED_SCALE.search(question) is not None
    match vqa_type:
        case "yesno":
            return _yesno(text, logprobs)
        case "counting":
            return _count(text)
        case "area":
            return _size(text, subtype, scaled=scaled)
        case _:
            return _general(text, question)


def _yesno(text: str, logprobs: Mapping[str, Any] | None) -> Read:
    said = yes_or_no(text)
    if said is None:
        return Read(caveats=(UNREAD["yesno"],))
    sure = yesno_confidence(logprobs, said)
    return Read(said, confidence=sure, confidence_from=None if sure is None else FROM_TOKENS)


def _count(text: str) -> Read:
    if len(_LIST.findall(text)) > 1:
        text = _LIST.sub("", text)
    found = [one for one in amounts(text) if one.unit in (None, "px")]
    if not found or (says_none(text) and found[0].low != 0):
        return Read(0) if says_none(text) else Read(caveats=(UNREAD["counting"],))
    first = _one_amount(found, text)
    if isinstance(first, str):
        return Read(caveats=(first,))
    if first.low != int(first.low) or (first.high and first.high != int(first.high)):
        return Read(caveats=("The words give a number that is no count.",))
    many = (MANY,) if max(first.low, first.high or 0) > COUNTED_WELL else ()
    if first.high is not None:
        return Read(range=(first.low, first.high), caveats=(RANGE, *many))
    rough = ("The model says that it is approximate.",) if _is_rough(text, first) else ()
    return Read(int(first.low), caveats=(*rough, *many))


def _one_amount(found: list[Amount], text: str) -> Amount | str:
    """The amount that answers, or the caveat that says why none does."""
    first = _leading(found, text)
    if first is None or _SIDE.search(text[: first.start]):
        return SEVERAL
    more = re.match(r"\S+(?:\+| or (?:more|less|fewer)\b)", text[first.start :])
    return BOUND if more or _BOUND.search(text[: first.start]) else first


def _leading(found: list[Amount], text: str) -> Amount | None:
    """The amount that answers: the only one, the total, or the first where none is added to it."""
    if len({(one.low, one.high) for one in found}) == 1:
        return found[0]
    total = _TOTAL.search(text)
    after = [one for one in found if total and one.start >= total.end()]
    if after:
        return after[0]
    if found[0].high is None and found[0].low == sum(one.low for one in found[1:]):
        return found[0]  # "7: 4 on the left and 3 on the right"
    others = (one for one in found[1:] if not _PART.match(text[one.start :]))
    added = any(_ADDED.search(text[: one.start]) for one in others)
    return found[0] if found[0].start <= LEADS_WITHIN and not added else None


def _size(text: str, subtype: str | None, *, scaled: bool) -> Read:
    found = [one for one in amounts(text) if one.unit and one.unit != "px"]
    if not found:
        nothing = Read(0, unit="%") if says_none(text) and "percent" in str(subtype) else None
        return nothing or Read(caveats=(UNREAD["area"],))
    unit = _unit_wanted(found, subtype, scaled=scaled)
    if unit in AREAS | LENGTHS and not scaled:
        return Read(caveats=(NO_SCALE.format(unit=unit),))
    first = _one_amount([one for one in found if one.unit == unit], text)
    if isinstance(first, str):
        return Read(caveats=(first,))
    if first.unit == "%" and not 0 <= first.low <= 100:  # noqa: PLR2004 - percent
        return Read(caveats=("The words give a share that is none.",))
    if first.high is not None:
        ends = (first.low, first.high)
        return Read(range=ends, unit=first.unit, caveats=(RANGE, ROUGH))
    return Read(_plain(first.low), unit=first.unit, caveats=(ROUGH,))


def _unit_wanted(found: list[Amount], subtype: str | None, *, scaled: bool) -> str:
    """The unit that the question wants first; without a scale a share, where there is one."""
    said = [one.unit or "" for one in found]
    wanted: frozenset[str] = frozenset({"%"}) if not scaled else AREAS
    if scaled and subtype in ("length", "distance"):
        wanted = LENGTHS
    elif subtype == "coverage_percent":
        wanted = frozenset({"%"})
    return next((unit for unit in said if unit in wanted), said[0])


def _general(text: str, question: str) -> Read:
    options = options_in(question)
    if options:
        label = label_of(text, options)
        caveat = "The words name none of the choices, or several."
        return Read(label) if label else Read(caveats=(caveat,))
    # an open question has no form that could be missed
    return Read(None if says_unsure(text) else short_phrase(text))


def _is_rough(text: str, amount: Amount) -> bool:
    return _APPROXIMATE.search(text[max(0, amount.start - 20) : amount.start]) is not None


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number
