"""swath graph: the agent's graph as text."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import typer

from app.cli.trouble import told_plainly
from app.drawing import drawn
from app.orchestrator import build_graph


def run(kind: Literal["mermaid", "ascii"], output: Path | None) -> None:
    """Prints or writes the drawing."""
    text = drawn(build_graph(), kind)
    if output is None:
        typer.echo(text, nl=False)
        return
    with told_plainly():
        output.write_text(text, encoding="utf-8")
    typer.echo(f"swath: wrote {output}", err=True)
