"""What a clause asks for, by the first rule that matches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.routing.captions import CAPTIONS, CONSTRAINT, NEGATED
from app.routing.chat import PRODUCT, SMALL_TALK
from app.routing.knowledge import KNOWLEDGE, NOTHING_SEEN
from app.routing.languages import LANGUAGES
from app.routing.measurements import FACTS
from app.routing.operations import CALCULATION, GROUNDING, OTHER
from app.routing.plan import Subtype, Task, VqaType
from app.routing.questions import CLOSED, OPEN
from app.routing.rule import Rule, first_match
from app.routing.steering import PERSONA, STEERING
from app.routing.words import YES_OR_NO, Clause, maybe_foreign

TALK: tuple[Rule, ...] = (*STEERING, *SMALL_TALK, *PRODUCT)
ENGLISH: tuple[Rule, ...] = (
    *KNOWLEDGE,
    *GROUNDING,
    *OTHER,
    *CAPTIONS,
    *NOTHING_SEEN,
    *CLOSED,
    *CALCULATION,
    *OPEN,
)
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
        return self.task is not None and self.rule not in ("an open question", "a kind of thing")


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
    if rule is None:
        return Reading(clause, dropped=bool(before) and before[-1].family == "steering")
    if rule.family in ("open question", "alternatives") and YES_OR_NO.search(clause.text):
        return Reading(clause, "vqa", "yesno", "attribute", "yes or no, as asked for", "yes or no")
    return _by(rule, clause)


def _by(rule: Rule, clause: Clause, *, dropped: bool = False) -> Reading:
    return Reading(clause, rule.task, rule.vqa_type, rule.subtype, rule.name, rule.family, dropped)
