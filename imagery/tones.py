"""Values as they are stored, made into 8-bit tones that a person can see."""

from __future__ import annotations

from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY = 128
STRETCH_NOTE = "16-bit values stretched to 8 bits (percentiles 2 to 98)"
Value = TypeVar("Value", np.uint8, np.bool_)
_SAMPLES = 1_000_000
_LEVELS = 1 << 16


def stretched(
    values: NDArray[np.uint16], valid: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """16-bit values as 8-bit ones: from the 2nd to the 98th percentile of the valid pixels.

    All channels are stretched alike, so that colours keep their hue.

    Args:
        values: shape (height, width) or (height, width, channels).
        valid: shape (height, width); None: all are.
    """
    step = ceil((values.shape[0] * values.shape[1] / _SAMPLES) ** 0.5)  # a sample says enough
    sample = values[::step, ::step]
    if valid is not None:
        chosen = sample[valid[::step, ::step]]
        sample = chosen if chosen.size else values[valid]
    low, high = np.percentile(sample, (2, 98))
    if high <= low:
        low, high = float(sample.min()), max(float(sample.max()), float(sample.min()) + 1)
    # A table, row by row, takes no memory for each pixel, as arithmetic on floats would.
    levels = np.clip((np.arange(_LEVELS) - low) * (255 / (high - low)) + 0.5, 0, 255)
    table = levels.astype(np.uint8)
    tones = np.empty(values.shape, np.uint8)
    for row, tone in zip(values, tones, strict=True):
        table.take(row, out=tone)
    return tones


def over_grey(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of shape (height, width, 3) laid over neutral grey by an alpha of 0 to 255."""
    image = Image.new("RGB", (rgb.shape[1], rgb.shape[0]), (GREY, GREY, GREY))
    image.paste(Image.fromarray(rgb), mask=Image.fromarray(alpha))
    return np.asarray(image)


def upright(pixels: NDArray[Value], orientation: int) -> NDArray[Value]:
    """Pixels of shape (height, width, ...) turned as EXIF's orientation, 1 to 8, says."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
