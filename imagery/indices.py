"""Open water and vegetation from spectral indices, where the near-infrared band is known.

NDWI = (green - nir) / (green + nir) is high over open water (McFeeters 1996,
https://doi.org/10.1080/01431169608948714), NDVI = (nir - red) / (nir + red) over green plants
(Rouse and others 1974). The usual fixed thresholds hold for surface reflectance; a file often has
raw digital numbers, whose indices are shifted. So the threshold is Otsu's (1979,
https://doi.org/10.1109/TSMC.1979.4310076) and counts only where there really are two kinds of
pixel, each where that kind is expected. Elsewhere nothing is told: on five scenes it tells water
on two with lakes or sea, none on one of fields, and nothing under cloud and over dense forest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 256
TWO_KINDS = 0.75  # between-class over total variance; of one bell curve it is 2 / pi, 0.64
WATER_AT_LEAST, LAND_AT_MOST = 0.3, 0.1  # mean NDWI of the two kinds
DARK = 0.6  # open water absorbs near-infrared: at most so much of what land reflects (median)
NO_WATER_BELOW = -0.1  # McFeeters: land is below zero; cloud is about zero, and hides what is there
LAND = -0.1  # below it, land is not told from land: else fields and forests are the two kinds
GREEN_AT_LEAST, BARE_AT_MOST = 0.3, 0.15  # mean NDVI of the two kinds
DENSE = 0.4  # NDVI of closed green cover begins about here (USGS remote sensing phenology)
STEP = 0.05  # the threshold is moved by so much either way: the range that is told
FEW = 100  # pixels

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class IndexCover:
    """Where an index finds a cover.

    Attributes:
        share: least and most of the pixels with data, 0 to 1.
        mask: at the threshold itself; of the shape of the bands.
    """

    share: tuple[float, float]
    mask: Mask


def covers_by_index(bands: Mapping[str, NDArray[Any]], held: Mask) -> dict[str, IndexCover]:
    """Open water and vegetation, each only where the index tells it clearly.

    Args:
        bands: red, green and nir, each of shape (rows, columns); nir and one other at least.
        held: pixels with data in all of them.
    """
    found: dict[str, IndexCover] = {}
    nir = bands["nir"]
    if held.sum() < FEW:
        return found
    if "green" in bands:
        water = _water(normalised_difference(bands["green"], nir), nir, held)
        if water:
            found["water"] = water
    if "red" in bands:
        land = held & ~found["water"].mask if "water" in found else held
        green = _vegetation(normalised_difference(nir, bands["red"]), land, held)
        if green:
            found["vegetation"] = green
    return found


def normalised_difference(first: NDArray[Any], second: NDArray[Any]) -> Plane:
    """(first - second) / (first + second) of each pixel; 0 where the sum is."""
    # 32 bits hold a sum of 16-bit numbers exactly, and cost half the memory.
    wide = np.float32 if first.dtype.itemsize <= 2 else np.float64  # noqa: PLR2004
    a: NDArray[Any] = first.astype(wide)
    b: NDArray[Any] = second.astype(wide)
    total = a + b
    a -= b
    np.divide(a, total, out=a, where=total != 0)
    a[total == 0] = 0
    index: Plane = a.astype(np.float32, copy=False)
    return index


def _water(ndwi: Plane, nir: NDArray[Any], held: Mask) -> IndexCover | None:
    values = ndwi[held]
    if np.percentile(values, 99.5) < NO_WATER_BELOW:
        return IndexCover((0.0, 0.0), np.zeros_like(held))
    cut, contrast = otsu(np.maximum(values, LAND))
    wet = held & (ndwi > cut)
    dry = held & ~wet
    if not (wet.any() and dry.any()) or contrast < TWO_KINDS:
        return None
    apart = ndwi[wet].mean() >= WATER_AT_LEAST and ndwi[dry].mean() <= LAND_AT_MOST
    if not apart or np.median(nir[wet]) > DARK * np.median(nir[dry]):
        return None
    return IndexCover(_range(ndwi, cut, held, held), wet)


def _vegetation(ndvi: Plane, land: Mask, held: Mask) -> IndexCover | None:
    if land.sum() < FEW:
        return None
    values = ndvi[land]
    if np.percentile(values, 5) >= DENSE:
        return IndexCover(_range(ndvi, DENSE, land, held), land & (ndvi > DENSE))
    cut, contrast = otsu(values)
    green = land & (ndvi > cut)
    bare = land & ~green
    if not (green.any() and bare.any()) or contrast < TWO_KINDS:
        return None
    if ndvi[green].mean() < GREEN_AT_LEAST or ndvi[bare].mean() > BARE_AT_MOST:
        return None
    return IndexCover(_range(ndvi, cut, land, held), green)


def _range(index: Plane, cut: float, where: Mask, held: Mask) -> tuple[float, float]:
    total = float(held.sum())
    low, high = ((index[where] > cut + step).sum() / total for step in (STEP, -STEP))
    return float(low), float(high)


def otsu(values: Plane) -> tuple[float, float]:
    """Otsu's threshold of values of -1 to 1, and the part of their variance that it explains."""
    counts, edges = np.histogram(values, BINS, (-1.0, 1.0))
    share = counts / max(1, counts.sum())
    middle = (edges[1:] + edges[:-1]) / 2
    below, mean = share.cumsum(), (share * middle).cumsum()
    spread = below * (1 - below)
    between = np.divide(
        (mean[-1] * below - mean) ** 2, spread, out=np.zeros(BINS), where=spread > 0
    )
    # Where no pixel lies between the kinds, every cut there is as good: the middle one is taken.
    best = round(float(np.flatnonzero(between >= between.max() * (1 - 1e-6)).mean()))
    variance = float((share * (middle - mean[-1]) ** 2).sum())
    return float(edges[best + 1]), float(between[best] / variance) if variance else 0.0
