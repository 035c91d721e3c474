"""Values of any type as 8-bit colours that a person can read.

Percentiles are taken over valid pixels only. Where there are three bands, each has its own lowest
value (haze lifts the blue most), but no band is brightened more than twice as much as another:
with a range of its own for each, a picture of nothing but forest would come out grey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

GREY = 128
PERCENTILES = (2.0, 98.0)
SAMPLE_VALUES = 500_000  # percentiles of more than this differ by less than one 8-bit step
MAX_GAIN_RATIO = 2.0
# 8-bit pictures whose brightest values (of the brightest band) are below these are stretched:
# colours that the file declares only if they are very dark, others if they use half the range
# or some band far less of it than another.
DARK_BYTE, DULL_BYTE = 64, 140
FLAT_RANGE = 1e-12  # of the largest value: less is rounding
# Tail of an amplitude over its median: above the first, a root brings it into view, above the
# second, a logarithm (speckled sea and a city span four orders of magnitude).
ROOT_TAIL, LOG_TAIL = 3.0, 12.0

Curve = Literal["linear", "root", "log"]
Values = NDArray[Any]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """How values become 8-bit: a curve, and for each shown band the values of black and white.

    Attributes:
        note: for people; None where values are shown as they are.
        constant: whether all valid values are the same, to be shown mid-grey.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    curve: Curve = "linear"
    note: str | None = None
    constant: bool = False

    def apply(self, bands: Values, valid: Mask) -> NDArray[np.uint8]:
        """Bands of shape (count, height, width) as (height, width, count), invalid ones grey."""
        out = np.full((*bands.shape[1:], len(bands)), GREY, np.uint8)
        if self.constant:
            return out
        for i, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
            if bands.dtype == np.uint8 and (low, high, self.curve) == (0, 255, "linear"):
                out[..., i] = np.where(valid, bands[i], GREY)
                continue
            values = _curved(_real(bands[i]), self.curve)
            np.subtract(values, np.float32(low), out=values)
            np.multiply(values, np.float32(255 / (high - low)), out=values)
            np.clip(np.nan_to_num(values, copy=False) + np.float32(0.5), 0, 255, out=values)
            out[..., i] = np.where(valid, values.astype(np.uint8), GREY)
        return out


def choose_stretch(
    bands: Values, valid: Mask, *, declared_rgb: bool = False, radar: bool = False
) -> Stretch:
    """The stretch for bands of shape (count, height, width), of which some pixel is valid.

    Args:
        bands: to be shown, possibly read smaller than they are.
        valid: of shape (height, width).
        declared_rgb: whether the file calls them red, green and blue.
        radar: whether they are an amplitude with speckle.
    """
    samples = [_sample(band, valid) for band in bands]
    count = len(samples)
    flat = max(float(s.max()) - float(s.min()) for s in samples) <= _rounding(samples)
    if bands.dtype == np.uint8 and not radar:
        kept = _kept(samples, flat=flat, trusted=count == 1 or declared_rgb)
        if kept:
            return kept
    elif flat:
        note = "every valid pixel has the same value, shown mid-grey"
        return Stretch((0,) * count, (1,) * count, note=note, constant=True)
    if radar:
        return _radar(samples[0])
    low, high = _ranges(samples)
    return Stretch(low, high, note="values stretched to 8 bits (percentiles 2 to 98)")


def is_finite(bands: Values) -> Mask:
    """Where all bands of shape (count, height, width) are neither NaN nor infinite."""
    if np.issubdtype(bands.dtype, np.inexact):
        return np.asarray(np.isfinite(bands).all(axis=0))
    return np.ones(bands.shape[1:], np.bool_)


def fill_at_edges(bands: Values) -> Mask:
    """Where all bands hold a fill value from the picture's edge inwards, in a row or a column.

    The fill value is zero, or the lowest value where all four corners have it.
    """
    corners = bands[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    low = np.abs(bands).min() if np.iscomplexobj(bands) else bands.min()
    mark = low if (corners == low).all() else 0
    filled: Mask = (bands == mark).all(axis=0)
    if not filled.any():
        return filled
    fill: Mask = np.zeros(filled.shape, np.bool_)
    for axis in (0, 1):
        fill |= np.logical_and.accumulate(filled, axis=axis)
        fill |= np.flip(np.logical_and.accumulate(np.flip(filled, axis), axis=axis), axis)
    return fill


def over_grey(rgb: NDArray[np.uint8], opacity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours over neutral grey: pixels without data, and behind transparent ones."""
    out = np.ascontiguousarray(rgb)
    clear = opacity == 0
    if clear.any():
        out = np.where(clear[..., None], np.uint8(GREY), out)
    partly = (opacity > 0) & (opacity < 255)  # noqa: PLR2004
    if partly.any():
        weight = opacity[partly][:, None].astype(np.float32) / 255
        out[partly] = np.rint(out[partly] * weight + GREY * (1 - weight)).astype(np.uint8)
    return out


def _kept(samples: list[NDArray[np.float32]], *, flat: bool, trusted: bool) -> Stretch | None:
    """8-bit values as they are, or brightened; None where they need a stretch."""
    count = len(samples)
    tops = [float(np.percentile(sample, PERCENTILES[1])) for sample in samples]
    even = max(tops) <= MAX_GAIN_RATIO * min(tops)
    bright = max(tops) >= DARK_BYTE if trusted else max(tops) >= DULL_BYTE and even
    if flat or bright:
        return Stretch((0,) * count, (255,) * count)
    if trusted:
        return Stretch((0,) * count, (max(*tops, 1.0),) * count, note="very dark, brightened")
    return None


def _ranges(samples: list[NDArray[np.float32]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    ends = [np.percentile(s, PERCENTILES) for s in samples]
    widest = max(float(high - low) for low, high in ends)
    if widest <= _rounding(samples):  # nearly all are the same: show the few that are not
        ends = [np.array([s.min(), s.max()]) for s in samples]
        widest = max(float(high - low) for low, high in ends)
    lows, highs = [], []
    for low, high in ends:
        room = max(widest / MAX_GAIN_RATIO - float(high - low), 0.0)
        lows.append(float(low) - room / 2)
        highs.append(float(high) + room / 2)
    return tuple(lows), tuple(highs)


def _radar(sample: NDArray[np.float32]) -> Stretch:
    if np.mean(sample > 0) < 0.5:  # noqa: PLR2004 - decibels: a logarithm already
        low, high = (float(end) for end in np.percentile(sample, (1, 99)))
        note = "radar in decibels, stretched to 8 bits (percentiles 1 to 99)"
        return Stretch((low,), (max(high, low + 1e-6),), note=note)
    low, median, high = np.percentile(sample[sample > 0], (1, 50, 99))
    tail = float(high / median)
    curve: Curve = "log" if tail > LOG_TAIL else "root" if tail > ROOT_TAIL else "linear"
    ends = _curved(np.array([low, high], np.float32), curve)
    word = {"linear": "amplitude", "root": "square root of the amplitude", "log": "logarithm"}
    note = f"radar or like it: {word[curve]} stretched to 8 bits (percentiles 1 to 99)"
    bottom = 0.0 if curve != "log" else float(ends[0])
    return Stretch((bottom,), (max(float(ends[1]), bottom + 1e-6),), curve, note)


def _curved(values: NDArray[np.float32], curve: Curve) -> NDArray[np.float32]:
    if curve == "linear":
        return values
    positive = np.maximum(values, 0)
    if curve == "root":
        return np.sqrt(positive)
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(positive, np.float32(1e-30)))


def _sample(band: Values, valid: Mask) -> NDArray[np.float32]:
    flat, usable = band.reshape(-1), valid.reshape(-1)
    step = max(1, flat.size // SAMPLE_VALUES)
    few = flat[::step][usable[::step]]
    return _real(few if few.size else flat[usable][:SAMPLE_VALUES])


def _real(band: Values) -> NDArray[np.float32]:
    if np.iscomplexobj(band):
        return np.abs(band).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        return band.astype(np.float32)


def _rounding(samples: list[NDArray[np.float32]]) -> float:
    return FLAT_RANGE * max(float(np.abs(s).max()) for s in samples)
