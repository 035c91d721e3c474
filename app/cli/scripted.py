"""swath run and swath mcp: the commands and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json

scripted = typer.Typer()


@scripted.command("run")
def run_script(
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="A YAML file of turns.")],
    variables: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a variable; repeat it for more."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the outcome as JUnit XML.")] = None,
    json: Json = False,
) -> None:
    """Play a conversation and check its answers: a regression test.

    Exit codes: 0 all is as expected, 1 something is not, 2 bad use or a bad script.
    """
    from app.cli.run import run  # noqa: PLC0415

    run(script, variables or [], junit, as_json=json)


@scripted.command()
def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Streamable HTTP at /mcp instead of stdio.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8003,
    files: Annotated[
        bool | None,
        typer.Option(help="Whether paths of this machine are read [over stdio yes, over HTTP no]."),
    ] = None,
) -> None:
    """Offer ask, caption and inspect as tools to other agents (MCP). Needs swath[mcp]."""
    from app.cli.mcp import run  # noqa: PLC0415

    run(http=http, host=host, port=port, files=files)
