"""Answers understood questions with what was measured, or refuses and says what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from modal_services.engine import Reply
from modal_services.engines.measure.finding import Finding, refused
from modal_services.engines.measure.intents import Asked, Kind, Lack, NotUnderstood
from modal_services.engines.measure.questions import read
from modal_services.engines.measure.refusals import REFUSALS

if TYPE_CHECKING:
    from modal_services.engines.measure.view import View

CONNECT = "Connect one with VQA_BASE_URL; see the README."


def measure(question: str, view: View | None, pictures: int = 1) -> Reply:
    """Answers one message about one picture, without a model; the same each time.

    Args:
        question: without the line of facts.
        view: the picture; None where there is not just one.
        pictures: how many came with the question.
    """
    reading = read(question)
    if view is None:
        return _reply([("unknown", _wrong_number(pictures))])
    if isinstance(reading, NotUnderstood):
        return _reply([("unknown", _refusal(reading, view))])
    found = [(asked.kind, answer(view, asked)) for asked in reading.asked]
    known = "" if any(finding.answered for _, finding in found) else _known(view)
    return _reply(found, known)


def answer(view: View, asked: Asked) -> Finding:
    """What is measured for one intent; what hides everything is told first."""
    if asked.kind not in _OF_THE_FILE and view.why_not_seen and asked.kind != "description":
        return refused(f"I cannot tell: {view.why_not_seen}.", "a look at the pixels", "content")
    return _answerers()[asked.kind](view, asked)


_OF_THE_FILE: frozenset[Kind] = frozenset(
    {"image_size", "bands", "crs", "resolution", "bounds", "ground_size", "taken", "nodata",
     "index_mean", "sensor", "colour_mode", "dominant_colour"}
)  # fmt: skip


def _answerers() -> Mapping[Kind, Callable[[View, Asked], Finding]]:
    # Imported when a question needs measuring: numpy and OpenCV take a moment.
    from modal_services.engines.measure.description import description  # noqa: PLC0415
    from modal_services.engines.measure.on_amounts import ON_AMOUNTS  # noqa: PLC0415
    from modal_services.engines.measure.on_colour import dominant_colour  # noqa: PLC0415
    from modal_services.engines.measure.on_cover import ON_COVER  # noqa: PLC0415
    from modal_services.engines.measure.on_facts import ON_FACTS  # noqa: PLC0415
    from modal_services.engines.measure.on_scene import ON_SCENE  # noqa: PLC0415
    from modal_services.engines.measure.on_ships import ON_SHIPS  # noqa: PLC0415

    single: dict[Kind, Callable[[View, Asked], Finding]] = {
        "dominant_colour": dominant_colour,
        "description": description,
    }
    return {**ON_FACTS, **ON_COVER, **ON_AMOUNTS, **ON_SCENE, **ON_SHIPS, **single}


def _known(view: View) -> str:
    from modal_services.engines.measure.description import in_short  # noqa: PLC0415 - numpy

    return f"What I can tell: {in_short(view)}."


def _reply(found: Sequence[tuple[str, Finding]], known: str = "") -> Reply:
    """One text of all parts; a part that is refused leaves the others standing."""
    texts = _without_echo([finding.text for _, finding in found])
    if known:
        texts.append(known)
    if any(not each.answered for _, each in found) and "VQA_BASE_URL" not in " ".join(texts):
        texts.append(f"No vision-language model is connected. {CONNECT}")
    first = found[0][1]
    detail: dict[str, object] = {
        "engine": "measure",
        "answered": any(finding.answered for _, finding in found),
        "intent": " + ".join(intent for intent, _ in found),
        "method": "; ".join(dict.fromkeys(finding.method for _, finding in found)),
        "caveats": list(dict.fromkeys(c for _, finding in found for c in finding.caveats)),
        **({"lacks": first.lacks} if first.lacks else {}),
    }
    measurements = tuple(finding.as_measurement(intent) for intent, finding in found)
    return Reply(text=" ".join(texts), detail=detail, measurements=measurements)


def _without_echo(texts: Sequence[str]) -> list[str]:
    """Each thing said once: where "how much" follows "is there any", the first is a bare yes."""
    said = list(dict.fromkeys(texts))
    for index, text in enumerate(said):
        told = text.removeprefix("Yes: ").rstrip(".").lower()
        if told != text and any(later.lower().startswith(told) for later in said[index + 1 :]):
            said[index] = "Yes."
    return said


def _wrong_number(count: int) -> Finding:
    if count == 0:
        text = "No picture came with the question, so there is nothing to measure."
    else:
        text = f"I measure one picture at a time, and {count} came with the question."
    return refused(f"{text} {CONNECT}" if count else text, "none", "picture")


_CANNOT: Mapping[Lack, str] = {
    "comparison": "I cannot compare these or choose between them",
    "count": "I cannot count {thing}",
    "area": "I cannot measure that length or area: I find the outlines of water and vegetation"
    " alone, and need a ground sample distance",
    "place": "I cannot tell where things are",
    "plants": "I cannot tell trees, grass and crops apart",
    "presence": "I cannot recognise objects or what they are like",
    "several": "I cannot answer all parts of that",
    "language": "I read only a few kinds of question, in English",
    "other": "I cannot answer that: I measure size, colour, water, vegetation and kinds of scene",
}
_NEEDS_MODEL: frozenset[Lack] = frozenset({"comparison", "count", "place", "plants", "presence"})
_OFF_TOPIC: frozenset[Lack] = frozenset({"language", "other"})


def _refusal(reading: NotUnderstood, view: View) -> Finding:
    if reading.language != "en":
        return refused(REFUSALS[reading.language], "none", "language")
    cannot = _CANNOT[reading.lacks].format(thing=reading.thing or "objects")
    if reading.lacks in _NEEDS_MODEL:
        sentences = [f"{cannot} without a vision-language model."]
    else:
        sentences = [f"{cannot}.", "No vision-language model is connected."]
    if reading.lacks not in _OFF_TOPIC:
        sentences.append(_known(view))
    return refused(" ".join([*sentences, CONNECT]), "none", reading.lacks)
