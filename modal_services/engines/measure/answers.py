"""Answers an understood question with what was measured, or refuses and says what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modal_services.engine import Reply
from modal_services.engines.measure.finding import (
    Finding,
    colour_words,
    covers_of,
    is_seen,
    look_of,
    percent,
    share_of,
    size_words,
    why_no_cover,
)
from modal_services.engines.measure.findings import ANSWERS, COVERS
from modal_services.engines.measure.questions import Lack, NotUnderstood, read

if TYPE_CHECKING:
    from imagery import Picture

CONNECT = "Connect one with VQA_BASE_URL; see the README."


def measure(question: str, pictures: tuple[Picture, ...]) -> Reply:
    """Answers one question about one picture, without a model; the same each time."""
    reading = read(question)
    intent = "unknown" if isinstance(reading, NotUnderstood) else reading.intent
    if len(pictures) != 1:
        return _reply(intent, _wrong_number(len(pictures)))
    if isinstance(reading, NotUnderstood):
        return _reply(intent, _refusal(reading, pictures[0]))
    return _reply(intent, ANSWERS[reading.intent](pictures[0]))


def _reply(intent: str, finding: Finding) -> Reply:
    detail: dict[str, object] = {
        "engine": "measure",
        "answered": finding.answered,
        "intent": intent,
        "method": finding.method,
        "caveats": list(finding.caveats),
        **finding.measured,
    }
    return Reply(text=finding.text, detail=detail)


def _wrong_number(count: int) -> Finding:
    if count == 0:
        text = "No picture came with the question, so there is nothing to measure."
    else:
        text = f"I measure one picture at a time, and {count} came with the question."
    return Finding(text, "none", answered=False)


_CANNOT: dict[Lack, str] = {
    "comparison": "I cannot compare things or choose between them",
    "count": "I cannot count {thing}",
    "area": "I cannot measure lengths or areas on the ground: that takes a ground sample distance"
    " and an outline of the thing, neither of which I have",
    "place": "I cannot tell where things are",
    "plants": "I cannot tell trees, grass and crops apart",
    "presence": "I cannot recognise objects or what they are like",
    "several": "I answer one question at a time, so please ask these one by one",
    "language": "I read only a few kinds of question, in English",
    "other": "I cannot answer that: I measure size, colour and water- and vegetation-like cover",
}
_NEEDS_MODEL: frozenset[Lack] = frozenset({"comparison", "count", "place", "plants", "presence"})
_OFF_TOPIC: frozenset[Lack] = frozenset({"language", "other"})


def _refusal(reading: NotUnderstood, picture: Picture) -> Finding:
    cannot = _CANNOT[reading.lacks].format(thing=reading.thing or "objects")
    if reading.lacks in _NEEDS_MODEL:
        sentences = [f"{cannot} without a vision-language model."]
    else:
        sentences = [f"{cannot}.", "No vision-language model is connected."]
    if reading.lacks == "several":
        return Finding(sentences[0], "none", answered=False, measured={"lacks": reading.lacks})
    if reading.lacks not in _OFF_TOPIC:
        sentences.append(f"What I can tell: {_in_short(picture)}.")
    text = " ".join([*sentences, CONNECT])
    return Finding(text, "none", answered=False, measured={"lacks": reading.lacks})


def _in_short(picture: Picture) -> str:
    facts = [size_words(picture)]
    seen = look_of(picture)
    if seen.is_flat:
        return f"{facts[0]}, nearly uniform"
    facts.append(colour_words(seen))
    if not why_no_cover(seen):
        found = covers_of(picture)
        for name in COVERS:
            if is_seen(found, name):
                share = percent(share_of(found, name).value)
                facts.append(f"about {share} % {name}-like pixels by colour")
    return ", ".join(facts)
