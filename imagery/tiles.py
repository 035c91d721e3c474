"""Cuts a large scene into overlapping tiles, and maps what is found in them back.

Scene and tile coordinates are in pixels from the upper left corner, as in `georeference`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagery.windows import PixelWindow

if TYPE_CHECKING:
    Floats = NDArray[np.float64]

_SHRINK_STEPS = 4096


@dataclass(frozen=True, slots=True)
class Tile:
    """A window of a scene, and the size of the picture made of it.

    Attributes:
        window: in the scene.
        width_px: columns of the tile's picture; fewer than the window's if it is shrunk.
        height_px: rows of it.
    """

    window: PixelWindow
    width_px: int
    height_px: int

    @property
    def scale(self) -> float:
        """Size of the tile's picture over that of its window, 0 to 1."""
        return self.width_px / self.window.width

    def to_scene(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Scene pixels at pixels of the tile's picture."""
        sx, sy = self.window.width / self.width_px, self.window.height / self.height_px
        return (
            np.asarray(x, float) * sx + self.window.col_off,
            np.asarray(y, float) * sy + self.window.row_off,
        )

    def from_scene(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Pixels of the tile's picture at scene pixels, inside the tile or not."""
        sx, sy = self.width_px / self.window.width, self.height_px / self.window.height
        return (
            (np.asarray(x, float) - self.window.col_off) * sx,
            (np.asarray(y, float) - self.window.row_off) * sy,
        )

    def boxes_to_scene(self, boxes: ArrayLike) -> Floats:
        """Boxes of shape (n, 4) as x0, y0, x1, y1, from the tile's picture to the scene."""
        x0, y0, x1, y1 = np.asarray(boxes, float).reshape(-1, 4).T
        return np.stack([*self.to_scene(x0, y0), *self.to_scene(x1, y1)], axis=1)

    def boxes_from_scene(self, boxes: ArrayLike) -> Floats:
        """Boxes of shape (n, 4) as x0, y0, x1, y1, from the scene to the tile's picture."""
        x0, y0, x1, y1 = np.asarray(boxes, float).reshape(-1, 4).T
        return np.stack([*self.from_scene(x0, y0), *self.from_scene(x1, y1)], axis=1)


def tiles(
    width_px: int,
    height_px: int,
    *,
    tile_px: int,
    overlap_px: int = 0,
    max_tiles: int | None = None,
) -> tuple[Tile, ...]:
    """Tiles that cover a scene, row by row, evenly spread, all of one size.

    Args:
        width_px: columns of the scene.
        height_px: rows of the scene.
        tile_px: longest side of a tile's picture.
        overlap_px: pixels of the picture that neighbours share at least: as much as the largest
            thing to be found whole.
        max_tiles: with more than this the scene is shrunk until it fits.

    Raises:
        ValueError: the numbers describe no tiles.
    """
    if min(width_px, height_px, tile_px) < 1 or not 0 <= overlap_px < tile_px:
        raise ValueError("tiles need a scene, a size, and an overlap smaller than it")
    if max_tiles is not None and max_tiles < 1:
        raise ValueError("at least one tile is needed")
    shrink = _shrink(width_px, height_px, tile_px, overlap_px, max_tiles)
    # Rounded down, so that neighbours share no less than was asked for.
    size, step = math.ceil(tile_px * shrink), math.floor((tile_px - overlap_px) * shrink)
    columns, rows = (_spread(side, size, step) for side in (width_px, height_px))
    width, height = min(size, width_px), min(size, height_px)
    picture = tuple(max(1, min(tile_px, round(side / shrink))) for side in (width, height))
    return tuple(Tile(PixelWindow(x, y, width, height), *picture) for y in rows for x in columns)


def _count(side: int, size: int, step: int) -> int:
    return 1 if side <= size else -(-(side - size) // step) + 1


def _spread(side: int, size: int, step: int) -> list[int]:
    """Offsets of tiles of a size along a side, no further apart than a step."""
    count = _count(side, size, step)
    return [i * (side - size) // max(1, count - 1) for i in range(count)] if count > 1 else [0]


def _shrink(
    width_px: int, height_px: int, tile_px: int, overlap_px: int, max_tiles: int | None
) -> float:
    """How much smaller the scene must be, 1 or more, for as many tiles."""

    def count(shrink: float) -> int:
        size, step = math.ceil(tile_px * shrink), math.floor((tile_px - overlap_px) * shrink)
        return _count(width_px, size, step) * _count(height_px, size, step)

    if max_tiles is None or count(1) <= max_tiles:
        return 1.0
    largest = max(width_px, height_px) / tile_px  # one tile
    candidates = np.linspace(1, largest, _SHRINK_STEPS).tolist()
    found = bisect_left(candidates, -max_tiles, key=lambda shrink: -count(shrink))
    return float(candidates[min(found, _SHRINK_STEPS - 1)])
