"""Tells a radar picture from a photograph by its speckle.

Speckle is as strong as the signal and changes from pixel to pixel: within small blocks its
standard deviation is a fixed share of the mean (0.52 for one look of amplitude; Ulaby, Moore and
Fung 1986), and neighbours hardly agree. Photographs are smooth where they are not edges. Of 420
UC Merced tiles none is taken for radar; multi-looked radar is missed, and told by its tags.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_PX = 512  # side of the square to look at, at full size: overviews average speckle away
_BLOCK_PX = 8
_LEAST_BLOCKS = 16
_LEAST_VARIATION = 0.35  # Umbra 0.73; the grainiest of UC Merced's fields 0.28
_MOST_AGREEMENT = 0.5  # of neighbours: Umbra 0.41; UC Merced's forests from 0.67


def has_speckle(values: NDArray[Any]) -> bool:
    """Whether values of shape (height, width), at full size, vary as radar does."""
    height, width = (side // _BLOCK_PX * _BLOCK_PX for side in values.shape)
    grid = np.abs(values[:height, :width]).astype(np.float32)
    grid = np.where(np.isfinite(grid), grid, np.float32(0))
    rows = grid.reshape(height // _BLOCK_PX, _BLOCK_PX, width // _BLOCK_PX, _BLOCK_PX)
    blocks = rows.swapaxes(1, 2).reshape(-1, _BLOCK_PX, _BLOCK_PX)
    mean, variance = blocks.mean(axis=(1, 2)), blocks.var(axis=(1, 2))
    usable = np.isfinite(mean) & (mean > 0) & (variance > 0)
    if usable.sum() < _LEAST_BLOCKS:
        return False
    mean, variance = mean[usable], variance[usable]
    off = blocks[usable] - mean[:, None, None]
    across = (off[:, :, 1:] * off[:, :, :-1]).mean(axis=(1, 2))
    down = (off[:, 1:] * off[:, :-1]).mean(axis=(1, 2))
    variation = float(np.median(np.sqrt(variance) / mean))
    agreement = float(np.median((across + down) / 2 / variance))
    return variation > _LEAST_VARIATION and agreement < _MOST_AGREEMENT
