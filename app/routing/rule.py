"""A rule: a pattern over a clause's words, and the route it decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.routing.plan import Subtype, Task, VqaType
from app.routing.words import Clause


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over a clause without its polite beginning (`core`), and what it decides.

    `unless` takes the match back; `whole` matches against all words of the clause.
    """

    name: str
    family: str
    pattern: re.Pattern[str]
    task: Task
    vqa_type: VqaType | None = None
    subtype: Subtype | None = None
    unless: re.Pattern[str] | None = None
    whole: bool = False

    def matches(self, clause: Clause) -> bool:
        """Whether the rule decides this clause."""
        text = clause.text if self.whole else clause.core
        if not self.pattern.search(text):
            return False
        return self.unless is None or not self.unless.search(text)


@dataclass(frozen=True, slots=True)
class Table:
    """Rules of one family; in a table the first that matches decides."""

    family: str
    task: Task
    vqa_type: VqaType | None = None

    def rule(
        self,
        name: str,
        pattern: str,
        subtype: Subtype | None = None,
        *,
        unless: str | None = None,
        whole: bool = False,
    ) -> Rule:
        """A rule of this family."""
        taken_back = re.compile(unless) if unless else None
        return Rule(
            name,
            self.family,
            re.compile(pattern),
            self.task,
            self.vqa_type,
            subtype,
            taken_back,
            whole,
        )


def first_match(rules: Iterable[Rule], clause: Clause) -> Rule | None:
    """The first rule that matches."""
    return next((rule for rule in rules if rule.matches(clause)), None)
