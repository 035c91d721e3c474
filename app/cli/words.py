"""Words on a terminal: plain where it is none, without colour where NO_COLOR says so."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text


def harmless(text: str) -> str:
    """A model's words without what a terminal would take for a command (escapes, bells)."""
    return "".join(
        character for character in text if character.isprintable() or character in "\n\t"
    )


def metres_per_pixel(metres: float) -> str:
    """A ground sample distance, with as many digits as mean something."""
    whole = 100
    return f"{metres:,.0f} m per pixel" if metres >= whole else f"{metres:.3g} m per pixel"


def say(text: str, *, aside: bool = False) -> None:
    """Prints a line on stdout, faint where it is an aside."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(harmless(text), style="dim" if aside else ""))
