"""From what went wrong to one clear line on stderr and an exit code."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from typing import NoReturn

import typer
from pydantic import ValidationError

from app.cli.words import harmless
from app.errors import BadRequest, SwathError
from app.settings import Settings
from imagery import ImageryError

FAILURE, BAD_USE, INTERRUPTED = 1, 2, 130
LONGEST_NAME = 120


def stop(message: str, hint: str = "", code: int = FAILURE) -> NoReturn:
    """Ends the command with its reason."""
    complain(message, hint)
    raise typer.Exit(code)


def complain(message: str, hint: str = "") -> None:
    """What went wrong and what to do, on stderr; file names and services' words are harmless."""
    typer.echo(f"swath: {harmless(message)}", err=True)
    if hint:
        typer.echo(f"       {harmless(hint)}", err=True)


def fault(error: Exception) -> NoReturn:
    """Ends the command for a fault of ours; in development with its traceback."""
    if Settings().development:
        raise error
    kind = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    typer.echo(f"swath: something went wrong in Swath itself ({kind})", err=True)
    typer.echo("       SWATH_ENV=development shows where; please report it.", err=True)
    sys.exit(FAILURE)


@contextlib.contextmanager
def told_plainly(image: str = "") -> Iterator[None]:
    """Turns known errors into a line and an exit code; anything else is a fault of ours.

    Args:
        image: the picture as it was named, for trouble with it.
    """
    try:
        yield
    except BadRequest as error:
        stop(str(error), error.hint, BAD_USE)
    except ImageryError as error:
        name = image if len(image) <= LONGEST_NAME else f"{image[:LONGEST_NAME]}..."
        named = name and name not in str(error)
        stop(f"{name}: {error}" if named else str(error), error.hint)
    except SwathError as error:
        stop(str(error), error.hint)
    except sqlite3.Error as error:
        stop(f"the database cannot be used: {error}", "Check SWATH_DATA_DIR and its free space.")
    except BrokenPipeError:
        raise  # whoever read our output has enough; typer ends quietly
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        stop(f"{error.filename or 'the system'}: {reason}")
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def read_settings() -> Settings:
    """The settings; a bad one is named, with what is wrong with it. Logs then go to stderr."""
    from app.logs import set_up_logs  # noqa: PLC0415 - not for --help

    try:
        settings = Settings()
    except ValidationError as error:
        lines = [f"{_name(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        stop("; ".join(lines), "See .env.example for every setting and its default.", BAD_USE)
    set_up_logs(settings)
    return settings


def _name(loc: tuple[int | str, ...]) -> str:
    name = str(loc[0]) if loc else "settings"
    return name if name.isupper() else f"SWATH_{name.upper()}"
