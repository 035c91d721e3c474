"""Measures what any picture has: colours, brightness, whether it shows anything."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imagery import Picture

LONGER_SIDE_PX = 1024
TINY_PX = 16  # below this a side, a texture window sees mostly its own border
GREY_SPREAD = 2  # 8-bit steps between the channels that JPEG alone can put into a grey picture
FLAT_STD = 2.0  # 8-bit steps

# OpenCV's hue runs from 0 to 180. Boundaries follow the colour words of everyday use; a name is
# one of eleven basic terms (Berlin and Kay 1969) or teal, which harbours need.
HUES = (
    ("red", 8), ("orange", 20), ("yellow", 34), ("green", 80), ("teal", 98), ("blue", 128),
    ("purple", 150), ("pink", 170), ("red", 181),
)  # fmt: skip
NAMES = (*(name for name, _ in HUES), "grey", "white", "black", "brown")
GREY, WHITE, BLACK, BROWN = (NAMES.index(name) for name in ("grey", "white", "black", "brown"))
GREY_SATURATION, WHITE_VALUE, BLACK_VALUE = 38, 200, 40  # of 255
# What is nearly grey still has a tint that people see: a lawn under haze is a greenish grey.
TINT_LEAST = 12  # 8-bit steps between the channels
TINTS = {"orange": "brownish", "yellow": "yellowish", "green": "greenish", "teal": "greenish",
         "blue": "bluish"}  # fmt: skip
BROWN_HUE, BROWN_VALUE = 26, 190  # brown is dark orange
COLOUR_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Colour:
    """A named colour and the part of the picture it takes, 0 to 1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Look:
    """What any picture has.

    Attributes:
        is_guess: whether the bands that are shown may be no true colours.
        brightness: mean of the brightest channel, 0 to 1.
        colours: most common first; those of at least a hundredth of the picture.
    """

    is_grey: bool
    is_flat: bool
    is_tiny: bool
    is_guess: bool
    brightness: float
    colours: tuple[Colour, ...]


def look(picture: Picture) -> Look:
    """Measures size, colour and brightness."""
    rgb = shrunk(picture.rgb)
    spread = rgb.max(axis=2).astype(np.int16) - rgb.min(axis=2)
    return Look(
        is_grey=bool(np.percentile(spread, 99) <= GREY_SPREAD),
        is_flat=bool(rgb.reshape(-1, 3).std(axis=0).max() < FLAT_STD),
        is_tiny=min(picture.width_px, picture.height_px) < TINY_PX,
        is_guess=picture.colours_are_guessed,
        brightness=float(rgb.max(axis=2).mean()) / 255,
        colours=colours_of(rgb),
    )


def shrunk(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with its longer side at most `LONGER_SIDE_PX`."""
    height, width = rgb.shape[:2]
    scale = LONGER_SIDE_PX / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(rgb)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def colours_of(rgb: NDArray[np.uint8]) -> tuple[Colour, ...]:
    """The named colours of some pixels (rows, columns, 3), most common first."""
    hue, saturation, value = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV))
    names = np.full(hue.shape, len(HUES) - 1, dtype=np.uint8)
    for index in reversed(range(len(HUES))):
        names[hue < HUES[index][1]] = index
    names[saturation < GREY_SATURATION] = GREY
    names[(saturation < GREY_SATURATION) & (value > WHITE_VALUE)] = WHITE
    names[value < BLACK_VALUE] = BLACK
    is_warm = (hue < BROWN_HUE) & (saturation >= GREY_SATURATION)
    names[is_warm & (value < BROWN_VALUE) & (value >= BLACK_VALUE)] = BROWN
    counts = np.bincount(names.ravel(), minlength=len(NAMES)) / names.size
    shares: dict[str, float] = {}
    for name, share in zip(NAMES, counts.tolist(), strict=True):
        shares[name] = shares.get(name, 0.0) + float(share)
    if "grey" in shares:
        shares[_tinted(rgb[names == GREY])] = shares.pop("grey")
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Colour(name, share) for name, share in ranked if share >= COLOUR_LEAST)


def _tinted(pixels: NDArray[np.uint8]) -> str:
    """The name of what is nearly grey, by the middle of its pixels (count, 3)."""
    if not len(pixels):
        return "grey"
    middle = np.median(pixels, axis=0).astype(np.uint8)
    if int(middle.max()) - int(middle.min()) < TINT_LEAST:
        return "grey"
    hue = cv2.cvtColor(middle[None, None], cv2.COLOR_RGB2HSV)[0, 0, 0]
    tint = TINTS.get(next(name for name, end in HUES if hue < end), "")
    return f"{tint} grey".strip()
