"""A line of a batch, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.state import TaskName, VqaType

Status = Literal["answered", "refused", "failed"]
SHOWN_CHARACTERS = 200
BAD_ROW = "bad_row"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the input.

    Attributes:
        line: where it stands, counted from 1; for trees of questions, its number.
        id: as the input names it, else `line-N`.
        query: the words.
        image: a path, an https URL, a data: URI or an image id.
        task, vqa_type: the caller's choice, if there is one.
        metres_per_px: the ground sample distance, where the input states it.
        body: a whole chat request instead, which is sent as it is.
    """

    line: int
    id: str
    query: str = ""
    image: str | None = None
    task: TaskName | None = None
    vqa_type: VqaType | None = None
    metres_per_px: float | None = None
    body: Mapping[str, Any] | None = None

    @property
    def shown_image(self) -> str | None:
        """The image as it is repeated in a record: a data: URI only by its beginning."""
        if self.image and self.image.startswith("data:") and len(self.image) > SHOWN_CHARACTERS:
            return f"{self.image[:32]}... ({len(self.image):,} characters)"
        return self.image

    @property
    def mark(self) -> str:
        """What tells it from the question that stood on its line before."""
        return mark_of(self.line, self.id, self.query, self.shown_image)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that is no question, and why."""

    line: int
    id: str
    message: str

    @property
    def mark(self) -> str:
        """As a question's."""
        return self.id


def mark_of(line: int, name: str, query: str, image: str | None) -> str:
    """The id; where the input gives none, what is asked."""
    return f"{name} {query} {image}" if name == unnamed(line) else name


def unnamed(line: int) -> str:
    """The id of a line without one."""
    return f"line-{line}"


Row = Question | BadRow


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a question has no answer; `retryable` when asking again later may help."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a question came to.

    Attributes:
        status: `answered`, `refused` (an honest no) or `failed`.
        answer: the words; of a failure none.
        ms: from taking the line up to its answer.
        completion: the whole answer of a service, where a whole request was sent.
    """

    status: Status
    answer: str = ""
    task: str | None = None
    vqa_type: str | None = None
    rule: str | None = None
    engine: str | None = None
    model: str | None = None
    method: str | None = None
    caveats: tuple[str, ...] = ()
    measurements: tuple[Mapping[str, Any], ...] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    ms: float = 0.0
    attempts: int = 0
    problem: Problem | None = None
    completion: Mapping[str, Any] | None = None


def failed(problem: Problem, ms: float = 0.0, attempts: int = 0) -> Result:
    """The result of a question without an answer."""
    return Result("failed", ms=ms, attempts=attempts, problem=problem)
