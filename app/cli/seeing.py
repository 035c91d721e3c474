"""swath graph, trace and replay: the commands and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.options import Json

Thread = Annotated[
    str, typer.Argument(metavar="THREAD", help="A thread's id, or its first characters.")
]


def graph(
    format: Annotated[  # noqa: A002 - the option's name
        Literal["mermaid", "ascii", "svg", "png"] | None,
        typer.Option("--format", help="Left out: by the file's name, else ascii."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to a file instead of stdout.")
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(metavar="THREAD[/TURN]", help="Draw a turn over it."),
    ] = None,
    json: Json = False,
) -> None:
    """Draw the agent's graph, or a turn over it. Needs no network.

    As JSON: its nodes and edges, and of a turn what each step did.
    """
    from app.cli.graph import run as drawn  # noqa: PLC0415

    drawn(format, output, run, as_json=json)


def trace(
    thread: Thread,
    turn: Annotated[
        str | None, typer.Argument(help="The turn's number or id; left out, the last one.")
    ] = None,
    checkpoints: Annotated[
        bool, typer.Option("--checkpoints", help="List the moments it can be replayed from.")
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Also draw the turn over the graph into a file.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell what a turn did: the path taken, times, attempts, jobs, what each node changed."""
    from app.cli.trace import run  # noqa: PLC0415

    run(thread, turn, svg, checkpoints=checkpoints, as_json=json)


def replay(
    thread: Thread,
    checkpoint: Annotated[
        str,
        typer.Argument(
            help="A checkpoint's id (swath trace THREAD --checkpoints), or a node: the moment "
            "before it in the last turn."
        ),
    ],
    message: Annotated[
        str | None, typer.Option(help="Another message; it is routed anew. Left out: the same.")
    ] = None,
    as_thread: Annotated[
        str | None, typer.Option("--as", metavar="NEW_THREAD", help="The fork's id.")
    ] = None,
    json: Json = False,
) -> None:
    """Run a turn again from one of its checkpoints, in a new thread; the old one stays as it is.

    Steps are kept with SWATH_DURABILITY=debug.
    """
    from app.cli.replay import run  # noqa: PLC0415

    run(thread, checkpoint, message, as_thread, as_json=json)


def add_seeing(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (graph, trace, replay):
        app.command()(command)
