"""swath graph: the agent's graph, or a run over it, as text or as a picture."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import typer

from app.cli.trace import read_trace
from app.cli.trouble import BAD_USE, stop, told_plainly
from app.cli.words import say_json
from app.drawing import Kind, Run, drawn, drawn_png
from app.drawing.shape import shape_of
from app.orchestrator import build_graph

SUFFIXES: dict[str, Kind | Literal["png"]] = {".svg": "svg", ".png": "png", ".mmd": "mermaid"}


def run(
    kind: Kind | Literal["png"] | None, output: Path | None, turn: str | None, *, as_json: bool
) -> None:
    """Prints or writes the drawing; its kind, where it is not said, is that of the file's name."""
    if as_json:
        if kind or output:
            stop("--json is no drawing: it goes without --format and --output", code=BAD_USE)
        say_json(_as_json(_run(turn) if turn else None))
        return
    kind = kind or SUFFIXES.get(output.suffix.lower() if output else "", "ascii")
    if kind == "png" and output is None and sys.stdout.isatty():
        stop("a PNG is no text for a terminal", "Name a file: -o graph.png", BAD_USE)
    data = _drawing(kind, _run(turn) if turn else None)
    if output is None:
        typer.echo(data, nl=False)
        return
    with told_plainly():
        output.write_bytes(data if isinstance(data, bytes) else data.encode())
    typer.echo(f"swath: wrote {output}", err=True)


def _as_json(run: Run | None) -> dict[str, Any]:
    shape = shape_of(build_graph())
    return {**asdict(shape), **({"run": asdict(run)} if run else {})}


def _run(turn: str) -> Run:
    thread_id, _, number = turn.partition("/")
    return read_trace(thread_id, number or None).run


def _drawing(kind: Kind | Literal["png"], run: Run | None) -> str | bytes:
    graph = build_graph()
    return drawn_png(graph, run) if kind == "png" else drawn(graph, kind, run)
