"""What of PNG files Pillow does not read as it should.

Of 16 bits a channel in colour it keeps the upper 8 only. Satellite values seldom fill 16 bits, so
that the upper 8 alone are nearly black. And it refuses a picture over a long text beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from imagery.errors import CorruptImage, EmptyImage
from imagery.tones import STRETCH_NOTE, over_grey, stretched

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BIT_DEPTH, _COLOUR_TYPE = 24, 25  # places in IHDR, which comes first in every PNG
_GREY = 0
_OPAQUE = 65_535
_STRIP_ROWS = 256
_FIRST_CHUNK = 8  # after the signature
_CHUNK_FRAME_BYTES = 12  # length, type and check sum
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")


def is_deep(png: bytes) -> bool:
    """Whether a PNG has 16 bits a channel and more channels than one."""
    return png[_BIT_DEPTH] == 16 and png[_COLOUR_TYPE] != _GREY  # noqa: PLR2004


def without_text(png: bytes) -> bytes:
    """The same PNG without its text chunks, which can inflate to any size and are not shown."""
    kept, start, place = [], 0, _FIRST_CHUNK
    while place + 8 <= len(png):
        end = place + _CHUNK_FRAME_BYTES + int.from_bytes(png[place : place + 4], "big")
        if png[place + 4 : place + 8] in _TEXT_CHUNKS:
            kept.append(png[start:place])
            start = end
        place = end
    return b"".join((*kept, png[start:])) if kept else png


def deep_picture(png: bytes) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The stretched pixels of a PNG whose chunks have been checked, and notes on them."""
    try:
        values: NDArray[Any] | None = cv2.imdecode(
            np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED
        )
    except cv2.error as error:
        raise CorruptImage("the PNG file is damaged", hint="export it again") from error
    if values is None:
        raise CorruptImage("the PNG file is damaged", hint="export it again")
    values = values.astype(np.uint16, copy=False)
    if values.ndim == 2:  # noqa: PLR2004 - one channel
        values = np.repeat(values[..., None], 3, axis=2)
    rgb = values[..., 2::-1]  # OpenCV has blue first
    alpha = values[..., 3] if values.shape[2] == 4 else None  # noqa: PLR2004
    if alpha is None or alpha.min() == _OPAQUE:
        return stretched(rgb), (STRETCH_NOTE,)
    if not alpha.any():
        raise EmptyImage("every pixel of the picture is transparent")
    share = 100 * float(np.mean(alpha < _OPAQUE))
    pixels = stretched(rgb, alpha > 0)
    for top in range(0, len(pixels), _STRIP_ROWS):
        rows = slice(top, top + _STRIP_ROWS)
        pixels[rows] = over_grey(pixels[rows], (alpha[rows] >> 8).astype(np.uint8))
    return pixels, (STRETCH_NOTE, f"{share:.0f} % is transparent, shown over grey")
