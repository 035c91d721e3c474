"""Views of a tile: turned, cropped, blurred to coarser resolutions, with other light and haze."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from modal_services.engines.measure.scene import turned

Pixels = NDArray[np.uint8]

PLAIN_TURNS = (0, 3, 5, 6, 2)  # the first four are what the engine looks at, too
CROPS = 2
COARSER = (2, 2, 4, 4, 8)  # about 0.6, 1.2 and 2.4 m a pixel
JITTERED = 3
HAZE_RGB = (215, 222, 232)


def training_views(tile: Pixels, random: Generator) -> list[Pixels]:
    """Plain turns first, then augmented ones."""

    def anyhow(view: Pixels) -> Pixels:
        return jittered(turned(view, int(random.integers(8))), random)

    views = [turned(tile, turn) for turn in PLAIN_TURNS]
    views += [anyhow(tile) for _ in range(JITTERED)]
    views += [anyhow(crop(tile, random.uniform(1.2, 2), random)) for _ in range(CROPS)]
    views += [anyhow(coarser(tile, factor * random.uniform(0.75, 1.25))) for factor in COARSER]
    return views


def resolution_views(tile: Pixels, random: Generator) -> list[Pixels]:
    """The tile at about 0.2, 0.15, 0.6, 1.2 and 2.4 m a pixel, to score with."""
    zoomed = [crop(tile, 1.5, random), crop(tile, 2, random)]
    return zoomed + [coarser(tile, factor) for factor in (2, 4, 8)]


def crop(tile: Pixels, zoom: float, random: Generator) -> Pixels:
    """A random square of 1 / `zoom` of the side."""
    side = int(tile.shape[0] / zoom)
    row, column = random.integers(0, tile.shape[0] - side + 1, 2)
    return np.ascontiguousarray(tile[row : row + side, column : column + side])


def coarser(tile: Pixels, factor: float) -> Pixels:
    """The tile with pixels `factor` times as large on the ground."""
    side = max(4, round(tile.shape[0] / factor))
    return np.asarray(cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def jittered(view: Pixels, random: Generator) -> Pixels:
    """Other brightness, contrast, saturation and colour cast; at times haze."""
    values = view.astype(np.float32) * random.uniform(0.75, 1.25)
    mean = values.mean(axis=(0, 1), keepdims=True)
    values = mean + (values - mean) * random.uniform(0.7, 1.3)
    grey = values.mean(axis=2, keepdims=True)
    values = grey + (values - grey) * random.uniform(0.5, 1.4)
    values = values * random.uniform(0.92, 1.08, 3)
    if random.random() < 0.3:  # noqa: PLR2004 - three views in ten
        haze = random.uniform(0.05, 0.35)
        values = values * (1 - haze) + haze * np.array(HAZE_RGB)
    return np.asarray(np.clip(values, 0, 255), np.uint8)
