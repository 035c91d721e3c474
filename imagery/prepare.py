"""All that is kept of a picture, made in one step that can run in another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from imagery.decode import decode, decode_raster
from imagery.encode import mask_png
from imagery.facts import RasterFacts
from imagery.limits import Limits
from imagery.reading import PLAIN, Reading


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an ImageStore keeps beside the bytes as they were given.

    Attributes:
        mime: of the file as given.
        width_px: of the upright picture.
        height_px: of the upright picture.
        shown_px: columns and rows of the picture that a model sees.
        notes: what was done to make it visible, `shown_px` included where it is smaller.
        picture: the file that a model sees.
        picture_mime: of that file.
        facts: of a raster.
        masks: 1-bit PNGs of where a spectral index finds "water" or "vegetation".
    """

    mime: str
    width_px: int
    height_px: int
    shown_px: tuple[int, int]
    notes: tuple[str, ...]
    picture: bytes
    picture_mime: str
    facts: RasterFacts | None = None
    masks: Mapping[str, bytes] = field(default_factory=dict)


def prepared(data: bytes | Path, limits: Limits, reading: Reading = PLAIN) -> Prepared:
    """Decode a picture and encode it for a model.

    Args:
        data: the file, or where a raster of any size is.
        limits: on it.
        reading: what a person says of it.

    Raises:
        ImageryError: the bytes are no picture that can be taken.
    """
    if isinstance(data, Path):
        picture = decode_raster(data, limits, reading)
    else:
        picture = decode(data, limits, limits.model_pixels, reading)
    encoded, mime = picture.encoded(limits.model_pixels)
    scene = (picture.scene_width_px, picture.scene_height_px)
    shown = Image.open(BytesIO(encoded)).size  # reads the header of what we wrote
    return Prepared(
        mime=picture.mime,
        width_px=scene[0],
        height_px=scene[1],
        shown_px=shown,
        notes=(*picture.notes, *_scale_note(scene, shown)),
        facts=picture.facts,
        picture=encoded,
        picture_mime=mime,
        masks={name: mask_png(mask) for name, mask in picture.masks.items()},
    )


def _scale_note(scene: tuple[int, int], shown: tuple[int, int]) -> tuple[str, ...]:
    if shown == scene:
        return ()
    return (f"shown at {shown[0]:,} × {shown[1]:,} of {scene[0]:,} × {scene[1]:,} pixels",)
