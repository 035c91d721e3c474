"""swath threads: the commands and their help."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import Json

threads = typer.Typer(
    no_args_is_help=True, help="List, read and remove threads; finish what a crash cut off."
)


@threads.command("ls")
def ls(
    limit: Annotated[int, typer.Option(min=1, help="How many, the last used first.")] = 50,
    json: Json = False,
) -> None:
    """List the threads, the last used first."""
    from app.cli.thread_work import listed  # noqa: PLC0415

    listed(limit, as_json=json)


@threads.command("show")
def show(
    thread_id: Annotated[
        str, typer.Argument(metavar="ID", help="A thread's id, or its first characters.")
    ],
    json: Json = False,
) -> None:
    """Print what was said in a thread."""
    from app.cli.thread_work import shown  # noqa: PLC0415

    shown(thread_id, as_json=json)


@threads.command("rm")
def rm(
    thread_ids: Annotated[list[str], typer.Argument(metavar="ID...")], json: Json = False
) -> None:
    """Remove threads with all their traces; images stay until `swath images gc`."""
    from app.cli.thread_work import removed  # noqa: PLC0415

    removed(thread_ids, as_json=json)


@threads.command("prune")
def prune(
    older_than: Annotated[str, typer.Option(help="Not used for so long: 12h, 30d, 8w.")] = "90d",
    json: Json = False,
) -> None:
    """Remove the threads that were not used for a while."""
    from app.cli.thread_work import pruned  # noqa: PLC0415

    pruned(older_than, as_json=json)


@threads.command("resume")
def resume(json: Json = False) -> None:
    """Finish the turns that a crash cut off. `swath serve` does so by itself."""
    from app.cli.thread_work import resumed  # noqa: PLC0415

    resumed(as_json=json)
