"""A scene as SVG: generic fonts, no scripts, nothing fetched, every text escaped.

Colours are attributes, for pages whose policy forbids styles; where styles are allowed, a dark
scheme has its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape

from app.drawing.layout import Point
from app.drawing.scene import DARK, LIGHT, Box, Curve, Ink, Part, Scene, Stroke, Words, bends, head

FONT = "ui-sans-serif, system-ui, sans-serif"
DASH = ' stroke-dasharray="5 4"'


def svg_of(scene: Scene) -> str:
    """The drawing as one SVG element, with its title and description for screen readers."""
    width, height = _n(scene.width), _n(scene.height)
    body = "\n".join(map(_part, scene.parts))
    name = hashlib.sha256(f"{scene.title}\n{scene.told}\n{body}".encode()).hexdigest()[:12]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}" '
        f'aria-labelledby="t{name} d{name}">\n'
        f'<title id="t{name}">{_text(scene.title)}</title>\n'
        f'<desc id="d{name}">{_text(scene.told)}</desc>\n'
        f"<style>{_dark()}</style>\n"
        f'<rect width="{width}" height="{height}" rx="6" {_fill("page")}/>\n'
        f"{body}\n</svg>\n"
    )


def _dark() -> str:
    rules = [
        f".swath-f-{ink}{{fill:{value}}}.swath-s-{ink}{{stroke:{value}}}"
        for ink, value in DARK.items()
    ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _part(part: Part) -> str:
    match part:
        case Box():
            return _box(part)
        case Curve():
            return _curve(part)
        case Stroke():
            (x0, y0), (x1, y1) = part.start, part.end
            ends = f'x1="{_n(x0)}" y1="{_n(y0)}" x2="{_n(x1)}" y2="{_n(y1)}"'
            ink = _inks(line=part.line)
            return f'<line {ends} stroke-linecap="round" stroke-width="{_n(part.thick)}" {ink}/>'
        case Words():
            return _words(part)


def _box(box: Box) -> str:
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
    dash = DASH if box.dashed else ""
    inks = _inks(box.fill, box.line)
    return f'<rect {place} rx="{_n(box.radius)}" stroke-width="{_n(box.thick)}"{dash} {inks}/>'


def _curve(curve: Curve) -> str:
    path = f"M{_points([curve.points[0]])}" + "".join(f"C{_points(each)}" for each in bends(curve))
    dash = DASH if curve.dashed else ""
    line = f'<path d="{path}" fill="none" stroke-width="{_n(curve.thick)}"{dash} '
    return (
        f"{line}{_inks(line=curve.line)}/>"
        f'<polygon points="{_points(head(curve))}" {_fill(curve.line)}/>'
    )


def _words(words: Words) -> str:
    bold = ' font-weight="600"' if words.bold else ""
    middle = ' text-anchor="middle"' if words.middle else ""
    place = f'x="{_n(words.x)}" y="{_n(words.y)}" font-size="{_n(words.size)}"'
    return f"<text {place}{bold}{middle} {_fill(words.ink)}>{_text(words.text)}</text>"


def _fill(ink: Ink) -> str:
    return f'fill="{LIGHT[ink]}" class="swath-f-{ink}"'


def _inks(fill: Ink | None = None, line: Ink | None = None) -> str:
    named = [f"swath-f-{fill}"] if fill else []
    named += [f"swath-s-{line}"] if line else []
    values = f'fill="{LIGHT[fill]}" ' if fill else ""
    values += f'stroke="{LIGHT[line]}" ' if line else ""
    return f'{values}class="{" ".join(named)}"'


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _text(text: str) -> str:
    """Escaped, and without what XML cannot hold or what turns a line's direction."""
    return escape("".join(character for character in text if character.isprintable()))


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
