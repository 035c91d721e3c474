"""A contact sheet: many pictures on one page, each with its name and a line about it."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from imagery.picture import Picture

PAPER, INK, FAINT, TROUBLE = (250, 250, 248), (30, 30, 30), (110, 110, 110), (170, 40, 30)
MARGIN_PX, LINES = 12, 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture of the sheet, or the reason why there is none."""

    name: str
    line: str
    picture: Picture | None = None


def contact_sheet(cells: Sequence[Cell], *, columns: int = 5, side_px: int = 300) -> bytes:
    """The sheet as a PNG; pictures keep their proportions within a square of `side_px`."""
    font = ImageFont.load_default(13)
    step_x, step_y = side_px + MARGIN_PX, side_px + MARGIN_PX + 18 * LINES
    columns = max(1, min(columns, len(cells)))
    rows = max(1, math.ceil(len(cells) / columns))
    page = Image.new("RGB", (columns * step_x + MARGIN_PX, rows * step_y + MARGIN_PX), PAPER)
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        corner = (MARGIN_PX + column * step_x, MARGIN_PX + row * step_y)
        _draw(page, cell, corner, side_px, font)
    file = io.BytesIO()
    page.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw(
    page: Image.Image,
    cell: Cell,
    corner: tuple[int, int],
    side_px: int,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    left, top = corner
    pen = ImageDraw.Draw(page)
    if cell.picture is None:
        pen.rectangle((left, top, left + side_px - 1, top + side_px - 1), outline=TROUBLE)
    else:
        shown = Image.fromarray(cell.picture.rgb)
        scale = min(side_px / shown.width, side_px / shown.height)
        size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
        # Small pictures are enlarged with their pixels visible, large ones with care.
        way = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
        page.paste(shown.resize(size, way), corner)
    below = top + side_px + 3
    colour = FAINT if cell.picture else TROUBLE
    pen.text((left, below), _fitted(cell.name, font, side_px), INK, font)
    words = cell.line.replace("×", "x")  # Pillow's own font has no such sign
    for number, line in enumerate(_wrapped(words, font, side_px)):
        pen.text((left, below + 17 * (number + 1)), line, colour, font)


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[: LINES - 1]
    return [_fitted(line, font, width_px) for line in kept]


def _fitted(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    while text and font.getlength(text) > width_px:
        text = text[:-2].rstrip() + "…" if not text.endswith("…") else text[:-2] + "…"
    return text
