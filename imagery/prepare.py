"""All that is kept of a picture, made in one step that can run in another process."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from imagery.decode import decode
from imagery.limits import Limits


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
    """

    mime: str
    width_px: int
    height_px: int
    shown_px: tuple[int, int]
    notes: tuple[str, ...]
    picture: bytes
    picture_mime: str


def prepared(data: bytes, limits: Limits) -> Prepared:
    """Decode a picture and encode it for a model.

    Raises:
        ImageryError: the bytes are no picture that can be taken.
    """
    picture = decode(data, limits, enough_px=limits.model_pixels)
    encoded, mime = picture.encoded(limits.model_pixels)
    scene = (picture.scene_width_px, picture.scene_height_px)
    shown = Image.open(BytesIO(encoded)).size  # reads the header of what we wrote
    return Prepared(
        mime=picture.mime,
        width_px=scene[0],
        height_px=scene[1],
        shown_px=shown,
        notes=(*picture.notes, *_scale_note(scene, shown)),
        picture=encoded,
        picture_mime=mime,
    )


def _scale_note(scene: tuple[int, int], shown: tuple[int, int]) -> tuple[str, ...]:
    if shown == scene:
        return ()
    return (f"shown at {shown[0]:,} × {shown[1]:,} of {scene[0]:,} × {scene[1]:,} pixels",)
