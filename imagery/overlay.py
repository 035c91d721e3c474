"""A picture with a mask laid over it, for people to look at."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

TINT = (255, 0, 200)  # a colour that the ground has not
STRENGTH = 0.45


def overlay(picture: bytes, mask: bytes) -> bytes:
    """A PNG of the picture where the mask is tinted, as strongly as it is bright, and outlined.

    Args:
        picture: any file that Pillow reads, as the image store has it.
        mask: likewise, of the same shape; its size may differ.
    """
    with Image.open(BytesIO(picture)) as image:
        rgb = image.convert("RGB")
    with Image.open(BytesIO(mask)) as image:
        grey = image.convert("L").resize(rgb.size, Image.Resampling.NEAREST)
    edge = grey.filter(ImageFilter.FIND_EDGES).point(lambda value: 255 if value else 0)
    weight = np.asarray(grey.point(lambda value: int(value * STRENGTH)), np.float32)
    weight = np.asarray(np.maximum(weight, np.asarray(edge, np.float32)) / 255, np.float32)
    pixels = np.asarray(rgb, np.float32)
    mixed = pixels + (np.array(TINT, np.float32) - pixels) * weight[..., None]
    out = BytesIO()
    Image.fromarray(mixed.round().astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
