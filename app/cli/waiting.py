"""What is waited for, told on stderr: a line that moves on a terminal, lines in a log."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import typer
from rich.console import Console

from app.cli.words import harmless


class Waiting:
    """Entered while something is waited for; `stop` ends it before words are printed."""

    def __init__(self, at_first: str) -> None:
        live = sys.stderr.isatty()
        self._live = Console(stderr=True).status(at_first, spinner="line") if live else None

    def __enter__(self) -> Self:
        """Begins to move."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leaves no line behind."""
        self.stop()

    def tell(self, kind: str, message: str) -> None:
        """A service is waited for, for this reason."""
        if self._live:
            self._live.update(harmless(message))
        elif kind != "attempt":  # a first attempt is no news in a log
            typer.echo(f"swath: {harmless(message)}", err=True)

    def stop(self) -> None:
        """Takes the line away; more than once does no harm."""
        if self._live:
            self._live.stop()
