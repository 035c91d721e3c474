"""The Orientation tag of TIFFs (TIFF 6.0, page 36), which GDAL leaves to its callers."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from imagery import tones

if TYPE_CHECKING:
    from imagery.picture import Picture

ORIENTATION = 274
_MOST_TAGS = 512
SIDEWAYS = (5, 6, 7, 8)


def orientation_of(source: bytes | Path) -> int:
    """1 to 8 as in EXIF, from the first page's tags; 1 where there is none."""
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            value = _tag(file)
    except (OSError, struct.error):
        return 1
    return value if 1 <= value <= 8 else 1  # noqa: PLR2004 - as EXIF


def upright(picture: Picture, orientation: int) -> Picture:
    """The picture turned as its Orientation says."""
    if orientation == 1:
        return picture
    size = picture.scene_px
    if size and orientation in SIDEWAYS:
        size = (size[1], size[0])
    masks = {name: tones.upright(mask, orientation) for name, mask in picture.masks.items()}
    return replace(picture, rgb=tones.upright(picture.rgb, orientation), scene_px=size, masks=masks)


def _tag(file: BinaryIO) -> int:
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", head, 2)[0] == 43  # noqa: PLR2004 - BigTIFF
    offset = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]
    file.seek(min(offset, 2**62))
    word = order + ("Q" if big else "H")
    count = struct.unpack(word, file.read(struct.calcsize(word)))[0]
    size = 20 if big else 12
    tags = file.read(min(count, _MOST_TAGS) * size)
    for start in range(0, len(tags) - size + 1, size):
        if struct.unpack_from(order + "H", tags, start)[0] == ORIENTATION:
            value: int = struct.unpack_from(order + "H", tags, start + (12 if big else 8))[0]
            return value
    return 1
