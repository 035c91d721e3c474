"""A run as drawings and traces tell it, whatever the agent's state looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from app.drawing.shape import END, START, Shape
from app.redaction import CREDENTIALS, NAMED, TOKEN, URL_LOGIN

Status = Literal["ok", "failed", "unfinished"]
SHOWN = 200  # characters of one text
SECRETS = (
    (re.compile(r"data:[\w.+-]*/?[\w.+-]*(?:;[\w=.+-]+)*,\S*", re.IGNORECASE), "data:..."),
    (URL_LOGIN, "...@"),
    (CREDENTIALS, r"\1 ..."),
    (NAMED, r"\1..."),
    (TOKEN, "..."),
    (re.compile(r"[A-Za-z0-9+/=_-]{120,}"), "..."),  # shorter than a log may have, and no picture
)


@dataclass(frozen=True, slots=True)
class Step:
    """One execution of a node.

    Attributes:
        key: the same for the same part of the same run; the node and the number of its task.
        ms: how long it took, where the log says so.
        attempts: how often a service was asked; 0 where none was.
        task: what the part was to do, such as `vqa/counting`.
        said: the last line that the log has of it.
        facts: what else is known of a call: tokens, waits, statuses, ids.
        notes: what happened meanwhile, such as why a service was asked again.
    """

    key: str
    node: str
    status: Status = "ok"
    ms: float | None = None
    attempts: int = 0
    task: str = ""
    said: str = ""
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A turn that ran, or still does.

    Attributes:
        number: the turn's place in its thread, from 1.
        status: `answered`, `refused`, `partial`, `failed`, `open`, `cancelled` or `lost`.
        decided: who chose the tasks, such as `rule: count`.
    """

    message: str
    status: str
    steps: tuple[Step, ...] = ()
    thread_id: str = ""
    turn_id: str = ""
    number: int = 1
    ms: float | None = None
    tasks: tuple[str, ...] = field(default=())
    decided: str = ""

    def at(self, node: str) -> list[Step]:
        """The executions of a node, in their order."""
        return [step for step in self.steps if step.node == node]

    @property
    def ended(self) -> bool:
        """Whether it came to its end."""
        return self.status not in ("open", "cancelled", "lost")

    @property
    def outcome(self) -> str:
        """The status, and how many of several parts failed."""
        parts = sum(step.status == "failed" for step in self.steps)
        several = parts and len(self.tasks) > 1
        return f"{self.status}, {parts} of {len(self.tasks)} failed" if several else self.status

    @property
    def failed(self) -> bool:
        """Whether any part of it failed."""
        own = self.status in ("failed", "lost", "partial")
        return own or any(step.status == "failed" for step in self.steps)


def lit_edges(shape: Shape, run: Run) -> set[tuple[str, str]]:
    """The edges that the run took: between nodes that ran, with none of them on a way around."""
    ran = {START, *(step.node for step in run.steps)} | ({END} if run.ended else set())

    def around(source: str, target: str, seen: frozenset[str]) -> bool:
        return any(
            step == target or around(step, target, seen | {step})
            for step in shape.after(source)
            if step in ran and step not in seen
        )

    return {
        (source, target)
        for source, target in shape.edges
        if {source, target} <= ran
        and not any(
            around(step, target, frozenset({source, step}))
            for step in shape.after(source)
            if step in ran and step != target
        )
    }


def seconds(ms: float | None) -> str:
    """A duration for people: `3 ms`, `1.84 s`, `2:05 min`; empty where it is not known."""
    if ms is None:
        return ""
    if ms < 1000:  # noqa: PLR2004 - a second
        return f"{ms:.0f} ms" if ms >= 1 or ms == 0 else "< 1 ms"
    total_s = ms / 1000
    return f"{total_s:.2f} s" if total_s < 60 else f"{total_s // 60:.0f}:{total_s % 60:02.0f} min"  # noqa: PLR2004


def shown(text: object, most: int = SHOWN) -> str:
    """A text fit to be shown: one line, no control characters, no picture's bytes, no secret."""
    line = " ".join(str(text)[: 100 * most].split())
    line = "".join(character for character in line if character.isprintable())
    for pattern, instead in SECRETS:
        line = pattern.sub(instead, line)
    return line if len(line) <= most else line[: most - 3] + "..."
