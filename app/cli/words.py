"""Words on a terminal: plain where it is none, without colour where NO_COLOR says so."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text


def harmless(text: str) -> str:
    """A model's words without what a terminal would take for a command (escapes, bells)."""
    return "".join(
        character for character in text if character.isprintable() or character in "\n\t"
    )


def say(text: str, *, aside: bool = False) -> None:
    """Prints a line on stdout, faint where it is an aside."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(harmless(text), style="dim" if aside else ""))
