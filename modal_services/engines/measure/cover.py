"""Measures what colour and texture alone say about an RGB picture.

Every cover is measured by two rules, a strict and a lenient one; the pair is the range that is
told. Colours are chromatic coordinates (r = R / (R + G + B), ...) of a lightly blurred picture:

- vegetation-like: excess green, ExG = 2g - r - b (Woebbecke et al. 1995,
  https://doi.org/10.13031/2013.27838), where green also leads blue (open water reflects both);
- water-like: b and g lead r (water absorbs red first), smooth (open water has little texture),
  in one connected patch (shadows and cars are small);
- bare-or-built-like: neutral to slightly warm and not dark.

The thresholds were chosen on 840 UC Merced tiles (vertical views, 0.3 m a pixel). Known to fail:

- a colour cast shifts the rules: on a greenish set of freeway tiles the lenient rule calls 36 %
  vegetation (strict 15 %), of harbour tiles 31 % (13 %);
- dry scrub and leafless woods are no vegetation: chaparral 0 %, forest 33 % on one set and 12 %
  on another;
- muddy and green streams are mostly no water: river tiles 7 % on one set, 0 % on another;
- slate roofs, a teal field and a shaded court were taken for water (4 of 720 tiles without any
  had 8 % or more by the strict rule);
- hazy Sentinel-2 scenes (10 m) are bluish all over: the strict rule alone calls 14 to 92 % of 13
  Dutch farmland and forest scenes water. `Covers.not_blue` tells them: it is at most 0.14 there,
  and at least 0.19 on every harbour, beach and river tile with 12 % of water or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from imagery import Picture
from modal_services.engines.measure.look import shrunk

Mask: TypeAlias = NDArray[np.bool_]
Plane: TypeAlias = NDArray[np.float32]

TEXTURE_WINDOW_PX = 7
NOT_BLUE = 0.02  # blue over red, in chromatic coordinates


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the picture, 0 to 1, by a strict (`low`) and a lenient (`high`) rule."""

    low: float
    high: float

    @property
    def value(self) -> float:
        """The middle of the two rules."""
        return (self.low + self.high) / 2

    @property
    def width(self) -> float:
        """How far the two rules are apart."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Covers:
    """Shares of the picture that look like a cover by colour.

    Attributes:
        water: blue or teal, smooth, connected.
        vegetation: green.
        bare_or_built: neutral and not dark.
        maybe_water: the largest part that smooth water of any colour could take; where it is
            about zero, there is no open water, whatever its colour.
        not_blue: beyond any water, what is not bluish. Haze and colour casts turn land blue
            too; where little else is seen, blue says nothing about water.
        masks: of "water" and "vegetation": 255 where both rules find it, 128 where only the
            lenient one does; the picture at `LONGER_SIDE_PX` at most.
    """

    water: Share
    vegetation: Share
    bare_or_built: Share
    maybe_water: float
    not_blue: float
    masks: Mapping[str, NDArray[np.uint8]]

    def share(self, cover: Literal["water", "vegetation"]) -> Share:
        """The share of a cover by its name."""
        return self.water if cover == "water" else self.vegetation


@dataclass(frozen=True, slots=True)
class WaterRule:
    """Bounds on a pixel, then on the connected patch that it stands in.

    Attributes:
        opening_px: what is narrower than this is no patch.
        least: part of the picture, 0 to 1, below which a patch is dropped.
    """

    blue_over_red: float
    green_over_red: float
    value: tuple[float, float]
    texture: float
    opening_px: int
    least: float
    green_over_blue: float = 0.10  # above it: leaves


STRICT_WATER = WaterRule(0.04, 0.06, (40, 160), 7, opening_px=15, least=0.03)
LENIENT_WATER = WaterRule(0.03, 0.03, (12, 180), 10, opening_px=9, least=0.01)
ANY_WATER = WaterRule(-0.10, -0.03, (0, 180), 8, opening_px=9, least=0.01)


@dataclass(frozen=True, slots=True)
class GreenRule:
    """Least excess green, and by how much green leads the other two."""

    excess_green: float
    green_over_blue: float
    green_over_red: float
    texture: float


STRICT_GREEN = GreenRule(0.09, 0.03, 0.02, texture=2)
LENIENT_GREEN = GreenRule(0.06, 0.01, 0.0, texture=0)


@dataclass(frozen=True, slots=True)
class NeutralRule:
    """Most distance from grey, and least brightness."""

    excess_green: float
    blue_over_red: tuple[float, float]
    value: float


STRICT_NEUTRAL = NeutralRule(0.03, (-0.10, 0.03), 80)
LENIENT_NEUTRAL = NeutralRule(0.05, (-0.20, 0.06), 60)


@dataclass(frozen=True, slots=True)
class _Planes:
    """Per-pixel quantities that the rules look at."""

    blue_over_red: Plane
    green_over_red: Plane
    green_over_blue: Plane
    excess_green: Plane
    value: Plane  # brightest channel, 0 to 255
    texture: Plane  # local standard deviation of luma, 8-bit steps


def covers(picture: Picture) -> Covers:
    """Measures water-, vegetation- and bare-or-built-like shares of a colour picture."""
    planes = _planes(shrunk(picture.rgb))
    water = _water(planes, STRICT_WATER)
    wet = water | _water(planes, LENIENT_WATER)
    green = _green(planes, STRICT_GREEN) & ~wet
    greenish = _green(planes, LENIENT_GREEN) & ~water
    bare = _neutral(planes, STRICT_NEUTRAL) & ~wet & ~greenish
    barish = _neutral(planes, LENIENT_NEUTRAL) & ~water & ~green
    return Covers(
        water=_share(water, wet),
        vegetation=_share(green, greenish),
        bare_or_built=_share(bare, barish),
        not_blue=float((~wet & (planes.blue_over_red <= NOT_BLUE)).mean()),
        maybe_water=float((wet | _water(planes, ANY_WATER)).mean()),
        masks={"water": _levels(water, wet), "vegetation": _levels(green, greenish)},
    )


def _levels(strict: Mask, lenient: Mask) -> NDArray[np.uint8]:
    return np.where(strict, 255, np.where(lenient, 128, 0)).astype(np.uint8)


def _planes(rgb: NDArray[np.uint8]) -> _Planes:
    soft = cv2.GaussianBlur(rgb, (0, 0), 1.0).astype(np.float32)
    red, green, blue = cv2.split(soft / (soft.sum(axis=2, keepdims=True) + 1e-3))
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    window = (TEXTURE_WINDOW_PX, TEXTURE_WINDOW_PX)
    variance = cv2.blur(luma * luma, window) - cv2.blur(luma, window) ** 2
    return _Planes(
        blue_over_red=blue - red,
        green_over_red=green - red,
        green_over_blue=green - blue,
        excess_green=2 * green - red - blue,
        value=soft.max(axis=2),
        texture=np.sqrt(np.maximum(variance, 0)),
    )


def _water(planes: _Planes, rule: WaterRule) -> Mask:
    darkest, brightest = rule.value
    pixels = (
        (planes.blue_over_red >= rule.blue_over_red)
        & (planes.green_over_red >= rule.green_over_red)
        & (planes.green_over_blue <= rule.green_over_blue)
        & (planes.texture <= rule.texture)
        & (planes.value >= darkest)
        & (planes.value <= brightest)
    )
    return _patches(pixels, rule)


def _patches(pixels: Mask, rule: WaterRule) -> Mask:
    side_px = max(3, min(rule.opening_px, min(pixels.shape) // 8))
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side_px, side_px))
    opened = cv2.morphologyEx(pixels.astype(np.uint8), cv2.MORPH_OPEN, ellipse)
    count, labels, table, _ = cv2.connectedComponentsWithStats(opened)
    kept = np.zeros(count, dtype=np.bool_)
    kept[1:] = table[1:, cv2.CC_STAT_AREA] >= rule.least * pixels.size
    return np.asarray(kept[labels], dtype=np.bool_)


def _green(planes: _Planes, rule: GreenRule) -> Mask:
    return (
        (planes.excess_green >= rule.excess_green)
        & (planes.green_over_blue >= rule.green_over_blue)
        & (planes.green_over_red >= rule.green_over_red)
        & (planes.texture >= rule.texture)
    )


def _neutral(planes: _Planes, rule: NeutralRule) -> Mask:
    bluest_red, bluest = rule.blue_over_red
    return (
        (np.abs(planes.excess_green) <= rule.excess_green)
        & (planes.blue_over_red >= bluest_red)
        & (planes.blue_over_red <= bluest)
        & (planes.value >= rule.value)
    )


def _share(strict: Mask, lenient: Mask) -> Share:
    low, high = float(strict.mean()), float((strict | lenient).mean())
    return Share(low=low, high=high)
