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
from app.answers.yesno import yes_or_no
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
_APPROXIMATE = re.compile(
    r"\b(?:about|around|approximately|approx|roughly|nearly|almost|at least|at most|more than|over"
    r"|fewer than|less than|up to|some|circa|ca|estimated?)\b|~|≈",
    re.IGNORECASE,
)
_STATED_SCALE = re.compile(
    r"\d(?:\.\d+)?\s*(?:cm|centimet(?:er|re)s?|m|met(?:er|re)s?|km)\b\s*(?:/|per |a )?(?:px|pixel)?"
    r".{0,20}\b(?:resolution|gsd|pixel|px)|\b(?:resolution|gsd|pixel size)\b.{0,20}\d",
    re.IGNORECASE,
)


_TOTAL = re.compile(r"\b(?:total|in all|altogether|sum)\b[^\d.]{0,20}", re.IGNORECASE)
_ADDED = re.compile(r"(?:\band|\bplus|,|;|\+)\s+(?:about |another )?$", re.IGNORECASE)
_PART = re.compile(r"\S+ of (?:which|them|these|those|the)\b", re.IGNORECASE)
LEADS_WITHIN = 20  # characters: "There are about 12 ..."


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
    found = [one for one in amounts(text) if one.unit in (None, "px")]
    if not found or (says_none(text) and found[0].low != 0):
        return Read(0) if says_none(text) else Read(caveats=(UNREAD["counting"],))
    first = _leading(found, text)
    if first is None:
        return Read(caveats=(SEVERAL,))
    if first.low != int(first.low) or (first.high and first.high != int(first.high)):
        return Read(caveats=("The words give a number that is no count.",))
    many = (MANY,) if max(first.low, first.high or 0) > COUNTED_WELL else ()
    if first.high is not None:
        return Read(range=(first.low, first.high), caveats=(RANGE, *many))
    rough = ("The model says that it is approximate.",) if _is_rough(text, first) else ()
    return Read(int(first.low), caveats=(*rough, *many))


def _leading(found: list[Amount], text: str) -> Amount | None:
    """The amount that answers: the only one, the total, or the first where none is added to it."""
    if len({(one.low, one.high) for one in found}) == 1:
        return found[0]
    total = _TOTAL.search(text)
    after = [one for one in found if total and one.start >= total.end()]
    if after:
        return after[0]
    others = (one for one in found[1:] if not _PART.match(text[one.start :]))
    added = any(_ADDED.search(text[: one.start]) for one in others)
    return found[0] if found[0].start <= LEADS_WITHIN and not added else None


def _size(text: str, subtype: str | None, *, scaled: bool) -> Read:
    found = [one for one in amounts(text) if one.unit and one.unit != "px"]
    if not found:
        nothing = Read(0, unit="%") if says_none(text) and "percent" in str(subtype) else None
        return nothing or Read(caveats=(UNREAD["area"],))
    first = found[0]
    if first.unit in AREAS | LENGTHS and not scaled:
        share = next((one for one in found if one.unit == "%"), None)
        if share is None:
            return Read(unit=None, caveats=(NO_SCALE.format(unit=first.unit),))
        first = share
    if first.unit == "%" and not 0 <= first.low <= 100:  # noqa: PLR2004 - percent
        return Read(caveats=("The words give a share that is none.",))
    if first.high is not None:
        ends = (first.low, first.high)
        return Read(range=ends, unit=first.unit, caveats=(RANGE, ROUGH))
    return Read(_plain(first.low), unit=first.unit, caveats=(ROUGH,))


def _general(text: str, question: str) -> Read:
    options = options_in(question)
    if options:
        label = label_of(text, options)
        caveat = "The words name none of the choices, or several."
        return Read(label) if label else Read(caveats=(caveat,))
    return Read(short_phrase(text))  # an open question has no form that could be missed


def _is_rough(text: str, amount: Amount) -> bool:
    return _APPROXIMATE.search(text[max(0, amount.start - 20) : amount.start]) is not None


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number
