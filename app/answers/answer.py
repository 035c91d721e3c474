"""The typed answer of one task."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from app.state import ResponseType, TaskName, VqaType

Status: TypeAlias = Literal["answered", "refused", "failed"]
Value: TypeAlias = bool | int | float | str


class Measurement(BaseModel):
    """What an engine that measures found for one part of a question.

    Attributes:
        value, unit, range: what was found; `range` is its least and most.
        confidence: the share of labelled pictures on which this kind of answer was right.
        mask: where it was found, as the id of a picture in the store.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    intent: str
    answered: bool = True
    value: Value | list[Value] | None = None
    unit: str | None = None
    range: tuple[float, float] | None = None
    method: str | None = None
    confidence: float | None = None
    confidence_from: str | None = None
    mask: str | None = None
    caveats: tuple[str, ...] = ()


class Answer(BaseModel):
    """What one task of a turn came to.

    Attributes:
        task_index: its place in the turn's plan.
        text: for people; the engine's own words, where one answered.
        raw: the engine's words as they came, whatever was read in them.
        value: what the words say: true or false, a number, a label; None: nothing plain. Of a
            range it is None: both ends stand in `range`.
        unit: of the value: `%`, `m2`, `ha`, `km2`, `acres`, `m`, `km`; of a count None.
        method: how it is known.
        confidence: a token probability that the service gave, or a precision that was measured;
            `confidence_from` says which. Never an estimate.
        caveats: what speaks against the value, and what was asked for and not kept.
        error: of a failed one: `code`, `message`, `hint`, and of a service its name and status.
    """

    model_config = ConfigDict(frozen=True)

    task_index: int = 0
    task: TaskName
    vqa_type: VqaType | None = None
    subtype: str | None = None
    asked: str = ""
    status: Status = "answered"
    response_type: ResponseType = "answer"
    text: str
    raw: str | None = None
    value: Value | None = None
    range: tuple[float, float] | None = None
    unit: str | None = None
    method: str | None = None
    confidence: float | None = None
    confidence_from: str | None = None
    caveats: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    engine: str | None = None
    model: str | None = None
    detail: dict[str, Any] = {}
    error: dict[str, Any] | None = None
