"""How often each kind of answer was right: read from what `benchmarks.measure` last measured."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from modal_services.engines.measure.finding import Precision

if TYPE_CHECKING:
    from modal_services.engines.measure.scene import Claim

FIGURES = "models/answers.json"
LEAST = 20


@cache
def _figures() -> dict[str, list[int]]:
    text = (files("modal_services.engines.measure") / FIGURES).read_text("utf-8")
    figures: dict[str, list[int]] = json.loads(text)["claims"]
    return figures


def precision_of(claim: str) -> Precision | None:
    """Of a kind of answer, on tiles that nothing was fitted to; None: too few to say."""
    right, of = _figures().get(claim, (0, 0))
    return Precision(right, of) if of >= LEAST else None


def precision_of_scene(claim: Claim) -> Precision:
    """Of a claim of the scene head, which brings its own figures."""
    return Precision(round(claim.precision * claim.answered_of), claim.answered_of)
