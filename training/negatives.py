"""Pictures that are no overhead view of 0.3 m: drawn ones, and imitations of coarse imagery."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import rasterio
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from training.views import Pixels, jittered

SIDE_PX = 320
FIELD_RGB = (
    (70, 95, 55), (95, 110, 70), (60, 75, 50), (125, 105, 80), (105, 85, 75), (150, 140, 110),
    (85, 90, 95), (45, 60, 45), (50, 75, 100), (120, 125, 90), (75, 110, 60),
)  # fmt: skip
PAPER = 0.7  # pages in white
WORDS = (
    "the",
    "total",
    "of",
    "each",
    "row",
    "is",
    "given",
    "below",
    "checked",
    "against",
    "Q1",
    "12.5",
    "%",
)


def drawn(random: Generator) -> list[Pixels]:
    """One page of text, screenshot, bar chart, line chart, logo, gradient and noise each."""
    return [kind(random) for kind in (_page, _screenshot, _bars, _lines, _logo, _gradient, _noise)]


def _colour(random: Generator) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(0, 256, 3))
    return red, green, blue


def _words(
    draw: ImageDraw.ImageDraw, random: Generator, box: tuple[int, int, int, int], ink: str
) -> None:
    for row in range(box[1], box[3], int(random.integers(12, 20))):
        column = box[0]
        while column < box[2]:
            word = str(random.choice(WORDS))
            draw.text((column, row), word, fill=ink)
            column += 7 * len(word) + 6


def _page(random: Generator) -> Pixels:
    image = Image.new(
        "RGB", (SIDE_PX, SIDE_PX), "white" if random.random() < PAPER else _colour(random)
    )
    _words(ImageDraw.Draw(image), random, (20, 20, SIDE_PX - 60, SIDE_PX - 20), "black")
    return np.asarray(image)


def _screenshot(random: Generator) -> Pixels:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), (245, 246, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIDE_PX, 28), fill=_colour(random))
    draw.rectangle((0, 28, 70, SIDE_PX), fill=(226, 229, 234))
    _words(draw, random, (6, 40, 60, 280), "black")
    for row in range(45, SIDE_PX - 40, 62):
        draw.rounded_rectangle(
            (84, row, SIDE_PX - 14, row + 50), 6, fill="white", outline=(205, 208, 214)
        )
        _words(draw, random, (92, row + 6, SIDE_PX - 60, row + 42), "black")
    return np.asarray(image)


def _bars(random: Generator) -> Pixels:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    draw = ImageDraw.Draw(image)
    colour, width = _colour(random), int(random.integers(10, 30))
    for left in range(40, SIDE_PX - 20, width + 8):
        draw.rectangle((left, int(random.integers(40, 260)), left + width, 280), fill=colour)
    draw.line((36, 20, 36, 280, SIDE_PX - 10, 280), fill="black")
    _words(draw, random, (40, 290, SIDE_PX - 40, 300), "black")
    return np.asarray(image)


def _lines(random: Generator) -> Pixels:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(int(random.integers(1, 5))):
        heights = 160 + np.cumsum(random.normal(0, 12, 40))
        draw.line(
            [(36 + 7 * step, float(height)) for step, height in enumerate(heights)],
            fill=_colour(random),
            width=2,
        )
    draw.line((36, 20, 36, 280, SIDE_PX - 10, 280), fill="black")
    return np.asarray(image)


def _logo(random: Generator) -> Pixels:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), _colour(random))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 60, 260, 260), fill=_colour(random))
    draw.polygon(
        [(int(x), int(y)) for x, y in random.integers(80, 240, (int(random.integers(3, 6)), 2))],
        fill=_colour(random),
    )
    return np.asarray(image)


def _gradient(random: Generator) -> Pixels:
    ends = np.array([_colour(random), _colour(random)], np.float32)
    ramp = np.linspace(0, 1, SIDE_PX, dtype=np.float32)[:, None]
    row = ends[0] * (1 - ramp) + ends[1] * ramp
    return np.repeat(row[None], SIDE_PX, axis=0).astype(np.uint8)


def _noise(random: Generator) -> Pixels:
    side = int(random.choice([SIDE_PX, 80, 20]))
    noise = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
    return np.asarray(
        cv2.resize(noise, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC), np.uint8
    )


def mosaics(tiles: Sequence[Pixels], random: Generator, count: int) -> list[Pixels]:
    """Imitations of 3 to 10 m imagery: tiles shrunk to fields of 8 to 32 px, patched together."""
    return [_mosaic(tiles, random) for _ in range(count)]


def _mosaic(tiles: Sequence[Pixels], random: Generator) -> Pixels:
    side = int(random.choice([8, 12, 16, 24, 32]))
    cells = 256 // side
    kinds = random.integers(0, len(tiles), max(2, cells // 2))  # places come in patches
    rows = []
    for _ in range(cells):
        chosen = [tiles[int(random.choice(kinds))] for _ in range(cells)]
        rows.append(
            np.hstack(
                [cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA) for tile in chosen]
            )
        )
    smooth = cv2.GaussianBlur(np.vstack(rows), (0, 0), float(random.uniform(0.5, 1.2)))
    return jittered(np.asarray(smooth, np.uint8), random)


def parcels(random: Generator, count: int) -> list[Pixels]:
    """Imitations of farmland at 10 m: parcels of muted colours, roads, farms, at times water."""
    return [_parcels(random) for _ in range(count)]


def _parcels(random: Generator) -> Pixels:
    side, fields = 256, int(random.integers(15, 220))
    corners = random.uniform(0, side, (fields, 2)).astype(np.float32)
    slant = random.uniform(-0.6, 0.6, (2, 2)) + np.eye(2) * random.uniform(0.6, 1.6, 2)
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    places = np.stack([rows, columns], axis=-1).reshape(-1, 1, 2) @ slant.astype(np.float32)
    gaps = np.abs(places - (corners @ slant.astype(np.float32))[None]).max(axis=2)
    nearest = gaps.argmin(axis=1).reshape(side, side)
    hues = np.array(FIELD_RGB, np.float32)[random.integers(0, len(FIELD_RGB), fields)]
    view = (hues + random.normal(0, 9, (fields, 3)))[nearest] + random.normal(0, 4, (side, side, 1))
    for _ in range(int(random.integers(0, 60))):
        row, column = random.integers(0, side - 4, 2)
        view[row : row + 2, column : column + 3] = random.uniform(120, 230)
    canvas = np.asarray(np.clip(view, 0, 255), np.uint8)
    for _ in range(int(random.integers(0, 5))):
        ends = [(int(x), int(y)) for x, y in random.integers(0, side, (2, 2))]
        cv2.line(canvas, ends[0], ends[1], _colour(random), 1)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), float(random.uniform(0.5, 1.1))), np.uint8)


def faded(view: Pixels, random: Generator) -> Pixels:
    """Darker, with little contrast and a blue cast, as unstretched satellite pictures are."""
    values = view.astype(np.float32)
    mean = values.mean(axis=(0, 1), keepdims=True)
    values = mean + (values - mean) * random.uniform(0.3, 0.8)
    values = values * random.uniform(0.45, 0.9) + np.array([-4, 2, 14]) * random.uniform(0, 1)
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def coarse_crops(folder: Path, random: Generator, each: int = 24) -> list[Pixels]:
    """Crops of public-domain Landsat and NAIP files of 5 m and more, in natural colours."""
    crops: list[Pixels] = []
    for name, bands in COARSE_RASTERS.items():
        scene = _natural(folder / name, bands)
        for _ in range(each):
            side = int(random.integers(96, min(256, *scene.shape[:2]) + 1))
            row = int(random.integers(0, scene.shape[0] - side + 1))
            column = int(random.integers(0, scene.shape[1] - side + 1))
            view = scene[row : row + side, column : column + side]
            if (view.max(axis=2) > 0).mean() > 0.9:  # noqa: PLR2004 - no more than a rim of nodata
                crops.append(jittered(view, random))
    return crops


COARSE_RASTERS = {
    "landsat7_olinda_6band.tif": (3, 2, 1),
    "landsat7_yucatan_8band_int16.gtif": (3, 2, 1),
    "landsat8_L2SP_017036_7band_uint16.tif": (4, 3, 2),
    "rasterio_RGB.byte.tif": (1, 2, 3),
    "naip_nd_2009_4band.tif": (1, 2, 3),
}


def _natural(path: Path, bands: tuple[int, int, int]) -> Pixels:
    with rasterio.open(path) as source:
        values: NDArray[np.float32] = np.stack(
            [source.read(band) for band in bands], axis=-1
        ).astype(np.float32)
    seen = values[values.max(axis=2) > 0]
    low, high = np.percentile(seen, (2, 98), axis=0)
    return np.asarray(np.clip((values - low) / (high - low + 1e-6) * 255, 0, 255), np.uint8)
