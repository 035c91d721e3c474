"""One question with its true answer, whatever data set it is from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["yesno", "count", "number", "text", "caption"]


@dataclass(frozen=True, slots=True)
class Item:
    """A question with its true answer.

    Attributes:
        number: its place in the data set, from 1.
        image: a path, absolute or from the data set's folder of images, or an https URL.
        references: true answers, any of which is right; of a caption, what others wrote.
        kind: how an answer is judged.
        label: the data set's own name for the kind of question.
        tolerance: relative, of a number; None: counts must be exact, numbers within 10 %.
        tolerance_abs: absolute, of a number.
        must_mention: groups of synonyms, one of each of which a caption must have.
        must_not_mention: words that a caption must not have.
        noisy: the data set's answers are known to be unreliable; reported apart.
    """

    number: int
    id: str
    image: str
    question: str
    references: tuple[str, ...]
    kind: Kind
    label: str
    tolerance: float | None = None
    tolerance_abs: float | None = None
    must_mention: tuple[tuple[str, ...], ...] = ()
    must_not_mention: tuple[str, ...] = field(default=())
    noisy: bool = False

    @property
    def expected_route(self) -> str:
        """What the router should make of it, as far as the true answer and the label tell."""
        if self.kind == "caption":
            return "captioning"
        if self.label in ("area", "coverage"):
            return "vqa/area"
        return {"yesno": "vqa/yesno", "count": "vqa/counting"}.get(self.kind, "vqa/general")
