"""What a clause asks for, by the first rule that matches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.routing.captions import CAPTIONS, CONSTRAINT, NEGATED
from app.routing.chat import ABILITIES, PRODUCT, SMALL_TALK
from app.routing.knowledge import KNOWLEDGE, NOTHING_SEEN
from app.routing.languages import LANGUAGES
from app.routing.measurements import FACTS
from app.routing.operations import CALCULATION, GROUNDING, OTHER
from app.routing.opinion import opinion
from app.routing.plan import Subtype, Task, VqaType
from app.routing.questions import CLOSED, OPEN
from app.routing.rule import Rule, first_match
from app.routing.steering import PERSONA, STEERING
from app.routing.words import NUMBER_ONLY, YES_OR_NO, Clause, maybe_foreign

TALK: tuple[Rule, ...] = (*STEERING, *SMALL_TALK, *PRODUCT)
ENGLISH: tuple[Rule, ...] = (
    *KNOWLEDGE,
    *GROUNDING,
    *OTHER,
    *CAPTIONS,
    *NOTHING_SEEN,
    *CLOSED,
    *CALCULATION,
    *ABILITIES,
    *OPEN,
)
# Rules that go by little: what labelled queries say of such words comes before them.
WEAK = frozenset(
    {
        "nothing that is seen from above",
        "what you can do",
        "a position",
        "a size",
        "a reason or a judgement",
        "a kind of thing",
        "an open question",
    }
)
LEARNED = "like labelled queries"
LEAST_PROBABLE = 0.55
REFUSED_FROM = 0.7  # to send a question away takes more
RULES: tuple[Rule, ...] = (*TALK, *FACTS, *LANGUAGES, *ENGLISH)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause and its route; `task` is None where no rule matched.

    `dropped` clauses are no part of what is handed on: steering, and what must not be done.
    """

    clause: Clause
    task: Task | None = None
    vqa_type: VqaType | None = None
    subtype: Subtype | None = None
    rule: str = ""
    family: str = ""
    dropped: bool = False

    @property
    def decides_follow_up(self) -> bool:
        """Whether the clause says by itself what it asks, wherever it stands."""
        weak = ("an open question", "a kind of thing", LEARNED)
        return self.task is not None and self.rule not in weak


def read(clauses: Sequence[Clause]) -> list[Reading]:
    """The route of each clause, in order."""
    found: list[Reading] = []
    for clause in clauses:
        if found and found[-1].family == "steering" and PERSONA.search(found[-1].clause.text):
            found.append(
                Reading(clause, rule="after another role", family="steering", dropped=True)
            )
            continue
        found.append(_read(clause, found))
    return found


def _read(clause: Clause, before: Sequence[Reading]) -> Reading:
    if rule := first_match(TALK, clause):
        return _by(rule, clause, dropped=rule.family == "steering")
    if NEGATED.search(clause.core):
        return Reading(clause, rule="not to be done", dropped=True)
    asked = any(one.task and not one.dropped for one in before)
    if asked and CONSTRAINT.search(clause.core):
        return Reading(clause)
    foreign = LANGUAGES if maybe_foreign(clause.text) else ()
    rule = first_match((*FACTS, *foreign, *ENGLISH), clause)
    if rule:
        return _better(rule, clause) or _by(rule, clause)
    steered = bool(before) and before[-1].family == "steering"
    return _asked_form(clause) or Reading(clause, dropped=steered)


def _better(rule: Rule, clause: Clause) -> Reading | None:
    """What says more of a clause than a rule that matches much."""
    form = _asked_form(clause) if rule.family in ("open question", "alternatives") else None
    return form or (learned_reading(clause, rule) if rule.name in WEAK else None)


def learned_reading(clause: Clause, instead_of: Rule | None = None) -> Reading | None:
    """The route learned from labelled queries, where it is likely and another than the rule's."""
    if not clause.text.isascii():  # too few of them were labelled
        return None
    said = opinion(clause.text)
    if said.probability < (REFUSED_FROM if said.task == "off_topic" else LEAST_PROBABLE):
        return None
    if instead_of and (said.task, said.vqa_type) == (instead_of.task, instead_of.vqa_type):
        return None
    return Reading(clause, said.task, said.vqa_type, None, LEARNED, "learned")


def _asked_form(clause: Clause) -> Reading | None:
    """The route that the wished form of the answer gives away: "yes or no", "just a number"."""
    if YES_OR_NO.search(clause.text):
        return Reading(clause, "vqa", "yesno", "attribute", "yes or no, as asked for", "yes or no")
    if NUMBER_ONLY.search(clause.text):
        return Reading(clause, "vqa", "counting", "count", "a number, as asked for", "count")
    return None


def _by(rule: Rule, clause: Clause, *, dropped: bool = False) -> Reading:
    return Reading(clause, rule.task, rule.vqa_type, rule.subtype, rule.name, rule.family, dropped)
