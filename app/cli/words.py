"""Words on a terminal: plain where it is none, without colour where NO_COLOR says so."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

KEPT = "\n\t\u200c\u200d"  # Hindi, Persian and emoji are spelled with joiners
_CONTROLS = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def harmless(text: str) -> str:
    """A stranger's words without what a terminal would take for a command (escapes, bells)."""
    if text.isprintable():
        return text
    return "".join(one for one in text if one.isprintable() or one in KEPT or _is_space(one))


def _is_space(character: str) -> bool:
    return unicodedata.category(character) == "Zs"  # "46\N{NARROW NO-BREAK SPACE}%"


def metres_per_pixel(metres: float) -> str:
    """A ground sample distance, with as many digits as mean something."""
    whole = 100
    return f"{metres:,.0f} m per pixel" if metres >= whole else f"{metres:.3g} m per pixel"


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Prints JSON on stdout; what a terminal would take for a command stands there escaped."""
    typer.echo(json.dumps(value, indent=indent, ensure_ascii=False).translate(_CONTROLS))


def say(text: str, *, aside: bool = False, err: bool = False) -> None:
    """Prints lines on stdout, or on stderr.

    An aside is faint, where NO_COLOR allows, and on a terminal keeps its indent over several lines.
    """
    console = Console(highlight=False, soft_wrap=True, stderr=err)
    shown = Text(harmless(text), style="dim" if aside and not console.no_color else "")
    if aside and console.is_terminal:
        indent = len(shown) - len(shown.plain.lstrip())
        console.print(Padding.indent(shown[indent:], indent), soft_wrap=False)
    else:
        console.print(shown)
