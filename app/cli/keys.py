"""swath keys: access keys for the chat API."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from app.cli.options import Json

keys = typer.Typer(no_args_is_help=True, help="Make access keys for the chat API.")


@keys.callback()
def _root() -> None:
    pass


@keys.command("new")
def new(
    name: Annotated[
        str, typer.Argument(help="Whose key it is; threads, images and turns belong to the name.")
    ],
    json: Json = False,
) -> None:
    """Make a key, print it once, and print the line of settings that lets it in.

    Nothing is stored: Swath is given the key's SHA-256 and never needs the key. A name may have
    several keys, so that one can be changed while the other still works.
    """
    from app.api.keys import new_key, setting_of  # noqa: PLC0415
    from app.cli.trouble import BAD_USE, stop  # noqa: PLC0415
    from app.cli.words import say_json  # noqa: PLC0415
    from app.settings import OWNER_NAME  # noqa: PLC0415

    if not re.fullmatch(OWNER_NAME, name):
        stop(
            f"{name[:40]!r} cannot be a name",
            "Take up to 32 lower-case letters, digits, - and _.",
            BAD_USE,
        )
    key = new_key()
    if json:
        say_json({"name": name, "key": key, "setting": setting_of(name, key)})
        return
    typer.echo(key)
    typer.echo(
        f"swath: give the key above to {name}; it is not shown again. Let it in with\n"
        f"       SWATH_API_KEYS={setting_of(name, key)}\n"
        "       (several keys are separated by commas)",
        err=True,
    )
