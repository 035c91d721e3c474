"""swath doctor: what is wrong with this installation, and a line on how to mend it."""

from __future__ import annotations

import asyncio
import dataclasses

import typer
from pydantic import ValidationError

from app.cli.checks import Check, checks_of, settings_check
from app.cli.trouble import FAILURE
from app.cli.words import say, say_json
from app.settings import Settings

MARKS = {"ok": "ok  ", "warning": "warn", "broken": "FAIL"}


def run(*, as_json: bool) -> None:
    """Prints every check; exits 1 where something is broken."""
    found = _found()
    if as_json:
        say_json([dataclasses.asdict(check) for check in found])
    else:
        _print(found)
    if any(check.state == "broken" for check in found):
        raise typer.Exit(FAILURE)


def _found() -> list[Check]:
    try:
        settings = Settings()
    except ValidationError as error:
        return settings_check(error)
    return asyncio.run(checks_of(settings))


def _print(found: list[Check]) -> None:
    for check in found:
        say(f"{MARKS[check.state]}  {check.name:<12}  {check.message}")
        if check.fix:
            say(f"      {'':<12}  {check.fix}", aside=True)
