"""From a message to a plan: the caller's choice, rules, the history, and only then a model.

A message is cut into clauses; each is decided by the first rule that matches. Nothing in a message
is ever acted upon: an instruction in it is a reason to leave that part out, an address is blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.routing.clauses import clauses_of
from app.routing.domain import names_something
from app.routing.follow_ups import follow_up
from app.routing.plan import Plan, PlannedTask, Subtype, Task, VqaType, route_name
from app.routing.precision import PRECISION
from app.routing.reading import LEARNED, Reading, learned_reading, read
from app.routing.words import Clause, clause_of, has_words

MOST_TASKS = 5
MOST_HISTORY = 4  # follow-ups of follow-ups that are looked through

_NEXT_BEST: dict[str, tuple[str, ...]] = {
    "vqa/general": ("captioning",),
    "captioning": ("vqa/general",),
    "vqa/area": ("vqa/counting",),
    "vqa/counting": ("vqa/area",),
    "vqa/yesno": ("vqa/general",),
    "grounding": ("vqa/general", "other"),
    "other": ("grounding",),
    "off_topic": (),
}


def plan(
    message: str,
    *,
    has_image: bool,
    history: Sequence[str] = (),
    task: Task | None = None,
    vqa_type: VqaType | None = None,
) -> Plan:
    """What a message asks for, decided without a model; `unsure` where nothing decided it.

    Args:
        message: the user's words.
        has_image: whether there is a picture that they can be about. A question about a picture
            is one without it too; only a message without words is then nothing to describe.
        history: what the user wrote before in this thread, oldest first.
        task: the caller's explicit choice, which wins.
        vqa_type: likewise; alone it means a question.
    """
    if task or vqa_type:
        return _explicit(message, task or "vqa", vqa_type)
    text = message.strip()
    if not has_words(text):
        return _wordless(text, has_image=has_image)
    readings = read(clauses_of(text))
    inherited = _inherited(text, readings, history)
    if inherited:
        return inherited
    asked = _joined(text, readings)
    if not asked:
        return _undecided(text, readings)
    return _planned(asked)


def _wordless(text: str, *, has_image: bool) -> Plan:
    if not has_image:
        return _one("off_topic", None, None, text, "no words and no image", "small talk")
    return _one("captioning", None, None, text, "no words: a description", "description")


def _planned(asked: Sequence[Reading]) -> Plan:
    tasks = [
        PlannedTask(one.task, one.vqa_type, one.subtype, one.clause.raw)
        for one in asked
        if one.task
    ]
    kept = tuple(tasks[:MOST_TASKS])
    first = asked[0]
    return Plan(
        tasks=kept,
        source="learned" if all(one.rule == LEARNED for one in asked) else "rule",
        rule=" + ".join(dict.fromkeys(one.rule for one in asked[:MOST_TASKS])),
        alternatives=_alternatives(kept),
        confidence=PRECISION.get(first.family) if len(asked) == 1 else None,
        left_out=tuple(one.text for one in tasks[MOST_TASKS:]),
    )


def _alternatives(tasks: Sequence[PlannedTask]) -> tuple[str, ...]:
    chosen = [route_name(one.task, one.vqa_type) for one in tasks]
    others = (other for name in chosen for other in _NEXT_BEST[name])
    return tuple(dict.fromkeys(other for other in others if other not in chosen))


def _joined(text: str, readings: Sequence[Reading]) -> list[Reading]:
    """What is asked, each with the undecided clauses beside it; small talk only if it is all."""
    asked = [one for one in readings if one.task and not one.dropped]
    if any(one.task != "off_topic" for one in asked):
        asked = [one for one in asked if one.task != "off_topic"]
    elif asked or any(one.dropped for one in readings):
        return _only_talk(text, readings)
    return _merged(text, _with_neighbours(text, readings, asked))


def _only_talk(text: str, readings: Sequence[Reading]) -> list[Reading]:
    first = next((one for one in readings if one.task), None)
    if first is None:
        return []
    return [replace(first, clause=_span(text, readings[0].clause, readings[-1].clause))]


def _with_neighbours(
    text: str, readings: Sequence[Reading], asked: Sequence[Reading]
) -> list[Reading]:
    """Undecided clauses belong to the question before them, or to the first one."""
    found: list[Reading] = []
    waiting: Clause | None = None
    attached = True
    for one in readings:
        if one in asked:
            found.append(replace(one, clause=_span(text, waiting or one.clause, one.clause)))
            waiting, attached = None, True
        elif one.task or one.dropped:
            waiting, attached = None, False
        elif not found:
            waiting = waiting or one.clause
        elif attached:
            found[-1] = replace(found[-1], clause=_span(text, found[-1].clause, one.clause))
    return found


def _merged(text: str, asked: Sequence[Reading]) -> list[Reading]:
    """Two clauses in a row that want one description, or one image operation, are one task."""
    found: list[Reading] = []
    for one in asked:
        if found and one.task == found[-1].task and one.task != "vqa":
            found[-1] = replace(found[-1], clause=_span(text, found[-1].clause, one.clause))
        else:
            found.append(one)
    return found


def _span(text: str, first: Clause, last: Clause) -> Clause:
    raw = text[first.start : last.end]
    return replace(first, raw=raw, end=last.end)


def _inherited(text: str, readings: Sequence[Reading], history: Sequence[str]) -> Plan | None:
    """The plan of a message that leans on the one before it."""
    first = readings[0] if readings else None
    if first is None or len([one for one in readings if one.task]) > 1:
        return None
    kind = follow_up(first.clause) if len(readings) <= 2 else None  # noqa: PLR2004
    before = _before(history) if kind else None
    if kind is None or before is None or before.task not in ("vqa", "captioning"):
        return None
    own = first.task if first.decides_follow_up else None
    if kind == "reason" and before.task == "vqa":
        return _follow("vqa", "general", "reasoning", text, "a reason for the answer before")
    if own and not (kind == "again" or (kind == "reworded" and before.task == "captioning")):
        return None
    rule = {"again": "the same again", "reworded": "the same in other words"}.get(
        kind, "the same of something else"
    )
    return _follow(before.task, before.vqa_type, before.subtype, text, rule)


def _before(history: Sequence[str]) -> PlannedTask | None:
    """The last thing that was asked about the picture."""
    asked = [one for one in history if one.strip()][-MOST_HISTORY:]
    while asked:
        found = plan(asked[-1], has_image=True, history=asked[:-1])
        last = found.tasks[-1]
        if last.task != "off_topic" and not found.unsure:
            return last
        asked = asked[:-1]
    return None


def _follow(
    task: Task, vqa_type: VqaType | None, subtype: Subtype | None, text: str, rule: str
) -> Plan:
    only = PlannedTask(task, vqa_type, subtype, text)
    return Plan((only,), "history", rule, _alternatives([only]), PRECISION.get("follow-up"))


def _one(
    task: Task, vqa_type: VqaType | None, subtype: Subtype | None, text: str, rule: str, family: str
) -> Plan:
    only = PlannedTask(task, vqa_type, subtype, text)
    return Plan((only,), "rule", rule, _alternatives([only]), PRECISION.get(family))


def _undecided(text: str, readings: Sequence[Reading]) -> Plan:
    """Nothing decided: about the image it is an open question, else it is not about one."""
    if follow_ups := [one for one in readings if follow_up(one.clause)]:
        kind = follow_up(follow_ups[0].clause)
        if kind == "reworded":
            return _one("captioning", None, None, text, "in other words", "follow-up")
        if kind != "instead" or ("?" in text and names_something(text.lower())):
            vqa_type: VqaType = "yesno" if kind == "again" else "general"
            return _one("vqa", vqa_type, None, text, "after something unsaid", "follow-up")
    learned = learned_reading(clause_of(text)) if all(not one.dropped for one in readings) else None
    if learned:
        return _planned([learned])
    clauses = [one.clause for one in readings]
    if any(names_something(one.text) for one in clauses):
        only = PlannedTask("vqa", "general", None, text)
        others = ("captioning", "vqa/counting", "off_topic")
        return Plan((only,), "fallback", "no rule matched", others)
    only = PlannedTask("off_topic", None, None, text)
    return Plan((only,), "fallback", "nothing of an image in it", ("vqa/general",))


def _explicit(message: str, task: Task, vqa_type: VqaType | None) -> Plan:
    text = message.strip()
    kind: VqaType | None = None
    subtype: Subtype | None = None
    if task == "vqa":
        found = [one for one in read(clauses_of(text)) if one.task == "vqa"]
        kind = vqa_type or (found[0].vqa_type if found else None) or "general"
        subtype = next((one.subtype for one in found if one.vqa_type == kind), None)
    only = PlannedTask(task, kind, subtype, text)
    return Plan((only,), "explicit", "the caller's choice")
