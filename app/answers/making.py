"""From a service's reply, or its failure, to the typed answer of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from app.answers.answer import Answer, Measurement, Value
from app.answers.constraints import NO_WISHES, constraints_in, is_wish
from app.answers.reading import Read, read_answer
from app.answers.words import said
from app.services.vision import CaptionReply, VqaReply
from app.state import Part
from imagery import ImageRef

MODEL = "a vision-language model's words"


def answer_of(
    part: Part, found: VqaReply | CaptionReply, detail: Mapping[str, Any], image: ImageRef
) -> Answer:
    """The answer of a task that a service answered.

    What was measured is taken as it was measured; a model's words are read. `detail` is the
    reply's, with its masks in the store.
    """
    raw = found["caption"] if "caption" in found else found["answer"]
    words = said(raw) or raw
    measured = _measurements(detail)
    # Only the embedded engine says that it did not answer; a VLM's words stand as they are.
    refused = not detail.get("answered", True)
    if measured or "method" in detail:
        value = _measured(measured, str(detail.get("method") or ""))
    elif "caption" in found or refused:
        value = {"method": MODEL}
    else:
        value = _read(part, found, words, image)
    broken = _broken(part["text"], words, detail) if "caption" in found else ()
    own = (str(one) for one in detail.get("caveats") or ())
    caveats = tuple(dict.fromkeys((*own, *value.pop("caveats", ()), *broken)))
    return Answer(
        **_of(part),
        **value,
        status="refused" if refused else "answered",
        response_type="caption" if "caption" in found else "answer",
        text=words,
        raw=raw,
        caveats=caveats,
        measurements=measured,
        engine=found["engine"],
        model=found["model"],
        detail={**detail, **({"usage": dict(found["usage"])} if "usage" in found else {})},
    )


def _broken(asked: str, words: str, detail: Mapping[str, Any]) -> tuple[str, ...]:
    """What a description does not keep of what was asked of its form."""
    if not detail.get("answered", True):
        return ()
    wishes = constraints_in(asked)
    broken = wishes.broken_by(words)
    if "method" in detail and (broken or wishes.audience or is_wish(asked)):
        return (*broken, NO_WISHES)  # an engine that measures has one form
    return broken


def reply_of(part: Part, text: str, *, answered: bool = False) -> Answer:
    """The answer of a task that needs no model: small talk's, or else an honest no."""
    status: Literal["answered", "refused"] = "answered" if answered else "refused"
    return Answer(**_of(part), status=status, response_type="reply", text=text)


def failure_of(part: Part, text: str, error: dict[str, Any]) -> Answer:
    """The answer of a task that failed."""
    return Answer(**_of(part), status="failed", response_type="error", text=text, error=error)


def _of(part: Part) -> dict[str, Any]:
    return {
        "task_index": part["index"],
        "task": part["task"],
        "vqa_type": part["vqa_type"],
        "subtype": part["subtype"],
        "asked": part["text"],
    }


def _read(
    part: Part, found: VqaReply | CaptionReply, words: str, image: ImageRef
) -> dict[str, Any]:
    read: Read = read_answer(
        words,
        part["vqa_type"] or "general",
        subtype=part["subtype"],
        question=part["text"],
        metres_per_px=image.facts.ground_sample_distance_m if image.facts else None,
        logprobs=found.get("logprobs"),
    )
    return {
        "value": read.value,
        "range": read.range,
        "unit": read.unit,
        "confidence": read.confidence,
        "confidence_from": read.confidence_from,
        "method": MODEL,
        "caveats": read.caveats,
    }


def _measurements(detail: Mapping[str, Any]) -> tuple[Measurement, ...]:
    found = detail.get("measurements") or ()
    try:
        return tuple(Measurement.model_validate(one) for one in found)
    except ValidationError:  # of a service that is not ours
        return ()


def _measured(measured: tuple[Measurement, ...], method: str) -> dict[str, Any]:
    """What one measurement found; of several each stands for itself."""
    if len(measured) != 1 or not measured[0].answered:
        return {"method": method or None}
    [one] = measured
    return {
        "value": _typed(one.value, one.unit),
        "range": one.range,
        "unit": one.unit,
        "confidence": one.confidence,
        "confidence_from": one.confidence_from,
        "method": one.method or method,
    }


def _typed(value: Value | list[Value] | None, unit: str | None) -> Value | None:
    if isinstance(value, list):  # a size, bounds, two colours: the measurement has it in parts
        return " x ".join(map(str, value)) if unit == "px" else ", ".join(map(str, value))
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value
