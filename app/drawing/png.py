"""A scene as PNG, drawn with Pillow in the light colours: no browser, nothing fetched."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from app.drawing.layout import Point
from app.drawing.scene import LIGHT, Box, Curve, Part, Scene, Stroke, Words, bends, head

SCALE = 2  # px of the PNG a px of the scene
FINE = 2  # drawn so many times larger and shrunk, which smooths the lines
K = SCALE * FINE
# Pillow's own font knows Latin letters; for others the first of these that is installed.
OTHERS = ("DejaVuSans.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf", "arial.ttf")
DASH, HOLE = 5.0, 4.0
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def png_of(scene: Scene) -> bytes:
    """The drawing, twice as large as the SVG says, for screens with fine pixels."""
    size = (math.ceil(scene.width) * K, math.ceil(scene.height) * K)
    image = Image.new("RGB", size, LIGHT["page"])
    draw = ImageDraw.Draw(image)
    for part in scene.parts:
        _part(draw, part)
    written = io.BytesIO()
    image.reduce(FINE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _part(draw: ImageDraw.ImageDraw, part: Part) -> None:
    match part:
        case Box():
            outline = _outline(part)
            draw.polygon(_scaled(outline), fill=LIGHT[part.fill])
            _line(draw, [*outline, outline[0]], LIGHT[part.line], part.thick, dashed=part.dashed)
        case Curve():
            points = _curved(part)
            _line(draw, points, LIGHT[part.line], part.thick, dashed=part.dashed)
            draw.polygon(_scaled(head(part)), fill=LIGHT[part.line])
        case Stroke():
            _line(draw, [part.start, part.end], LIGHT[part.line], part.thick, dashed=False)
        case Words():
            font = _font(part.text, part.size * K)
            place, anchor = (part.x * K, part.y * K), "ms" if part.middle else "ls"
            thick = 0.35 * K if part.bold else 0  # Pillow's font has no bold face
            ink = LIGHT[part.ink]
            draw.text(place, part.text, fill=ink, font=font, anchor=anchor, stroke_width=thick / 2)


def _font(text: str, size: float) -> Font:
    own = ImageFont.load_default(size)
    if all(ord(character) < 0x250 or character in "·–—…×’“”" for character in text):  # noqa: PLR2004
        return own
    for name in OTHERS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return own


def _outline(box: Box) -> list[Point]:
    points = []
    radius = min(box.radius, box.width / 2, box.height / 2)
    left, right = box.x + radius, box.x + box.width - radius
    top, bottom = box.y + radius, box.y + box.height - radius
    corners = ((right, top, -90), (right, bottom, 0), (left, bottom, 90), (left, top, 180))
    for x, y, start in corners:
        for step in range(0, 91, 9):
            angle = math.radians(start + step)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return points


def _curved(curve: Curve) -> list[Point]:
    points = [curve.points[0]]
    for one, two, end in bends(curve):
        x0, y0 = points[-1]
        for step in range(1, 33):
            t, u = step / 32, 1 - step / 32
            points.append(
                (
                    u**3 * x0 + 3 * u * u * t * one[0] + 3 * u * t * t * two[0] + t**3 * end[0],
                    u**3 * y0 + 3 * u * u * t * one[1] + 3 * u * t * t * two[1] + t**3 * end[1],
                )
            )
    return points


def _line(
    draw: ImageDraw.ImageDraw, points: Sequence[Point], ink: str, thick: float, *, dashed: bool
) -> None:
    width = max(1, round(thick * K))
    for piece in _dashes(points) if dashed else [points]:
        draw.line(_scaled(piece), fill=ink, width=width, joint="curve")
        for x, y in _scaled([piece[0], piece[-1]]):
            half = width / 2 - 0.5
            draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)


def _dashes(points: Sequence[Point]) -> list[list[Point]]:
    """The pieces of a dashed line."""
    pieces: list[list[Point]] = [[points[0]]]
    left, drawn = DASH, True
    for start, end in pairwise(points):
        here = start
        while (ahead := math.dist(here, end)) > left:
            share = left / ahead
            here = (here[0] + (end[0] - here[0]) * share, here[1] + (end[1] - here[1]) * share)
            if drawn:
                pieces[-1].append(here)
            else:
                pieces.append([here])
            drawn = not drawn
            left = DASH if drawn else HOLE
        left -= ahead
        if drawn:
            pieces[-1].append(end)
    return [piece for piece in pieces if len(piece) > 1]


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * K, y * K) for x, y in points]
