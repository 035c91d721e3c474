"""The graph with the path of one run in it, as something that a notebook shows by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.drawing import Run, drawn
from app.drawing.reading import run_of
from app.orchestrator import build_graph


@dataclass(frozen=True, slots=True)
class RunGraph:
    """A run over the graph; as a string it is Mermaid text, and a notebook shows it as SVG."""

    run: Run

    @property
    def svg(self) -> str:
        """The drawing as SVG; nothing is fetched."""
        return drawn(build_graph(), "svg", self.run)

    def __str__(self) -> str:
        return drawn(build_graph(), "mermaid", self.run)

    def _repr_svg_(self) -> str:
        return self.svg


def run_graph(turn: Mapping[str, Any], message: str) -> RunGraph:
    """The graph with the path of a turn.

    Args:
        turn: `app.turn.Turn` as JSON.
        message: what was asked.
    """
    return RunGraph(run_of(turn, message=message))
