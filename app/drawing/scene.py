"""A drawing as boxes, curves and words in named inks, before it is an SVG or a PNG."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from app.drawing.layout import Point

Ink = Literal["page", "words", "faint", "idle", "lit", "litfill", "failed", "failedfill"]
LIGHT: dict[Ink, str] = {
    "page": "#ffffff",
    "words": "#1f2328",
    "faint": "#59636e",
    "idle": "#87919c",
    "lit": "#0969da",
    "litfill": "#e6f3ff",
    "failed": "#c9191f",
    "failedfill": "#fff0ee",
}
DARK: dict[Ink, str] = {
    "page": "#0d1117",
    "words": "#e6edf3",
    "faint": "#9aa4b0",
    "idle": "#5b6470",
    "lit": "#4f9cf9",
    "litfill": "#0f2440",
    "failed": "#ff6a61",
    "failedfill": "#361719",
}
HEAD_X, HEAD_Y = 4.5, 9.0
NARROW, SLIM, WIDE = set("ijlI.,:;'|!()[]"), set('frt-/" {}*'), set("mwMW@%&")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    line: Ink
    fill: Ink
    thick: float = 1.5
    dashed: bool = False
    radius: float = 8.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A smooth line through points, downwards or upwards, with a head at its end."""

    points: Sequence[Point]
    line: Ink
    thick: float = 1.5
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line with round ends."""

    start: Point
    end: Point
    line: Ink
    thick: float = 2.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    ink: Ink = "words"
    size: float = 13.0
    bold: bool = False
    middle: bool = False


Part = Box | Curve | Stroke | Words


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole drawing; `title` and `told` say in words what it shows."""

    width: float
    height: float
    title: str
    told: str
    parts: Sequence[Part]


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """A line's width in the widest of the usual sans-serif fonts, so that it fits in any."""
    ems = sum(map(_ems, text))
    return ems * size * (1.08 if bold else 1.0)


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    for known, ems in ((NARROW, 0.38), (SLIM, 0.44), (WIDE, 0.98)):
        if character in known:
            return ems
    return 0.7 if character.isupper() else 0.63


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, cut to a width."""
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text + "...", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + "..."


def wrapped(text: str, size: float, width: float, most: int) -> list[str]:
    """The text in lines of a width, the last of which is cut where there would be more."""
    lines = [""]
    words = text.split()
    while words and len(lines) <= most:
        longer = f"{lines[-1]} {words[0]}".strip()
        if lines[-1] and text_width(longer, size) > width:
            if len(lines) == most:
                lines[-1] = f"{lines[-1]} {' '.join(words)}"
                break
            lines.append("")
            continue
        lines[-1] = longer
        del words[0]
    return [fitted(line, size, width) for line in lines if line]


def bends(curve: Curve) -> list[tuple[Point, Point, Point]]:
    """The curve's pieces as cubic Beziers: two handles and an end each, all upright at their ends.

    The last ends inside the head, so that its tip is sharp.
    """
    (x, y), below = curve.points[-1], curve.points[-1][1] > curve.points[-2][1]
    points = [*curve.points[:-1], (x, y - HEAD_Y + 1 if below else y + HEAD_Y - 1)]
    found = []
    for (x0, y0), (x1, y1) in pairwise(points):
        reach = (y1 - y0) * 0.7
        found.append(((x0, y0 + reach), (x1, y1 - reach), (x1, y1)))
    return found


def head(curve: Curve) -> list[Point]:
    """The triangle at the curve's end."""
    x, y = curve.points[-1]
    long = HEAD_Y if curve.points[-2][1] > y else -HEAD_Y
    return [(x, y), (x - HEAD_X, y + long), (x + HEAD_X, y + long)]
