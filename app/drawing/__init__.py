"""The agent's graph, and runs over it, as Mermaid text, characters, SVG or PNG.

Nothing is fetched: LangGraph's PNG drawing and its notebook display would call a public service.
"""

from __future__ import annotations

from typing import Literal

from app.drawing.outline import outlined, run_in_mermaid
from app.drawing.picture import scene_of
from app.drawing.run import Run, Step
from app.drawing.shape import Drawable, mermaid_of, shape_of
from app.drawing.svg import svg_of

__all__ = ["Kind", "Run", "Step", "drawn", "drawn_png"]

Kind = Literal["mermaid", "ascii", "svg"]


def drawn(graph: Drawable, kind: Kind, run: Run | None = None) -> str:
    """The graph, or a run over it, as text."""
    shape = shape_of(graph)
    match kind:
        case "mermaid":
            mermaid = mermaid_of(graph)
            return run_in_mermaid(mermaid, shape, run) if run else mermaid
        case "ascii":
            return outlined(shape, run)
        case "svg":
            return svg_of(scene_of(shape, run))


def drawn_png(graph: Drawable, run: Run | None = None) -> bytes:
    """The same drawing as the SVG, as a PNG."""
    from app.drawing.png import png_of  # noqa: PLC0415 - Pillow only where it draws

    return png_of(scene_of(shape_of(graph), run))
