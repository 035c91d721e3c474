"""What the router hands on: a plan of one or more tasks, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Task = Literal["vqa", "captioning", "grounding", "other", "off_topic"]
VqaType = Literal["yesno", "counting", "area", "general"]
Source = Literal["explicit", "rule", "learned", "model", "history", "fallback"]
Subtype = Literal[
    "greeting",
    "thanks",
    "passing",
    "about_swath",
    "presence",
    "comparison",
    "attribute",
    "count",
    "area",
    "coverage_percent",
    "length",
    "distance",
    "category",
    "choice",
    "color",
    "direction",
    "position",
    "reasoning",
    "scene",
    "shape",
    "size",
]


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One thing that a message asks for.

    `text` is the part of the message that asks for it, as the user wrote it; `vqa_type` and
    `subtype` are None where the task is not `vqa`.
    """

    task: Task
    vqa_type: VqaType | None
    subtype: Subtype | None
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The tasks of a message in the order they were asked, and who decided so.

    `rule` is the deciding rule's name, or several joined by " + "; `alternatives` are the routes
    that were next, as "vqa/counting". `confidence` is the share of labelled queries on which that
    family of rules was right, or None where that was not measured. `left_out` is what was asked
    beyond the most tasks that one message may have.
    """

    tasks: tuple[PlannedTask, ...]
    source: Source
    rule: str
    alternatives: tuple[str, ...] = ()
    confidence: float | None = None
    left_out: tuple[str, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether nothing in the message decided, so that a model may be asked."""
        return self.source == "fallback"

    @property
    def asks_model(self) -> bool:
        """Whether a vision model has to answer any of it."""
        return any(one.task in ("vqa", "captioning") for one in self.tasks)

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON types; `left_out` only where there is any."""
        body = asdict(self)
        if not self.left_out:
            del body["left_out"]
        return body


def route_name(task: Task, vqa_type: VqaType | None) -> str:
    """A route in one word: "vqa/counting", "captioning"."""
    return f"{task}/{vqa_type}" if vqa_type else task
