"""A script: the turns of a conversation and what is expected of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.state import TaskName, VqaType


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an answer has to be; what is not said is not checked.

    Attributes:
        contains, lacks: words of the answer, in any case.
        equals: the whole answer, but for case and the space around it.
        value: the first number in it, no further away than `within`.
        status: `answered`, `refused` or `failed`.
        under_ms: how long it may take.
    """

    line: int = 0
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    equals: str | None = None
    value: float | None = None
    within: float = 0.0
    task: str | None = None
    vqa_type: str | None = None
    status: str | None = None
    under_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One turn, from its line in the script."""

    line: int
    kind: Literal["ask", "caption"]
    text: str
    image: str | None = None
    task: TaskName | None = None
    vqa_type: VqaType | None = None
    expect: Expectations = field(default_factory=Expectations)

    @property
    def title(self) -> str:
        """A few words for reports."""
        words = self.text or "description"
        return words if len(words) <= 70 else words[:70] + "..."  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it was read."""

    name: str
    steps: tuple[Step, ...]
