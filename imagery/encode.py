"""Pixels out as a small file without metadata."""

from __future__ import annotations

from io import BytesIO
from math import sqrt
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PNG_MAX_PIXELS = 1_000_000
PNG_LEVEL = 1  # half the time of the default, for a tenth more bytes
JPEG_MAX_SIDE_PX = 65_500  # libjpeg's JPEG_MAX_DIMENSION
JPEG_QUALITY = 95


def encode(rgb: NDArray[np.uint8], max_pixels: int) -> tuple[bytes, str]:
    """Pixels of shape (height, width, 3) as a file within a pixel budget.

    The same pixels and budget give the same bytes.

    Returns:
        The bytes and their media type: PNG up to one megapixel, JPEG above.
    """
    image = Image.fromarray(rgb)
    size = fitted(image.width, image.height, max_pixels)
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = BytesIO()
    if image.width * image.height <= PNG_MAX_PIXELS or max(image.size) > JPEG_MAX_SIDE_PX:
        image.save(out, "PNG", compress_level=PNG_LEVEL)
        return out.getvalue(), "image/png"
    image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return out.getvalue(), "image/jpeg"


def preview(data: bytes, max_side_px: int) -> bytes:
    """One of the store's own pictures as a PNG whose longer side has at most so many pixels."""
    out = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.thumbnail((max_side_px, max_side_px))
        image.save(out, "PNG")
    return out.getvalue()


def mask_png(mask: NDArray[np.bool_]) -> bytes:
    """A mask of shape (height, width) as a 1-bit PNG: white where it is true."""
    out = BytesIO()
    Image.fromarray(mask).save(out, "PNG")
    return out.getvalue()


def fitted(width_px: int, height_px: int, max_pixels: int) -> tuple[int, int]:
    """The largest size of the same shape within a pixel budget; no side is below 1."""
    if max_pixels < 1:
        raise ValueError(f"a picture cannot have {max_pixels} pixels")
    if width_px * height_px <= max_pixels:
        return width_px, height_px
    scale = sqrt(max_pixels / (width_px * height_px))
    width, height = max(1, int(width_px * scale)), max(1, int(height_px * scale))
    # A side held at 1 leaves the other too long for the budget.
    return min(width, max_pixels // height) or 1, min(height, max_pixels // width) or 1
