"""A file's bytes as an upright, 8-bit RGB picture, or one sentence saying why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from imagery.checks import check_size, quiet, remarks
from imagery.errors import ImageTooLarge, UnsupportedImage
from imagery.kinds import mime_of
from imagery.limits import Limits
from imagery.photo import read_photo
from imagery.picture import Picture
from imagery.tones import GREY, over_grey

__all__ = ["GREY", "check_size", "decode", "mime_of", "over_grey", "quiet"]


def decode(data: bytes, limits: Limits, enough_px: int | None = None) -> Picture:
    """The picture in a file.

    Args:
        data: the file.
        limits: on its bytes and pixels.
        enough_px: how many pixels will do; what is much larger may be read smaller, and the
            picture's `scene_px` says from what. None: every pixel.

    Raises:
        ImageryError: NotAnImage, UnsupportedImage, ImageTooLarge, CorruptImage or EmptyImage.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(f"the file has {len(data):,} bytes, over {limits.max_bytes:,}")
    mime = mime_of(data)
    reader = _RASTER_READERS.get(mime)
    picture = reader(data, limits) if reader else read_photo(data, mime, limits, enough_px)
    return replace(picture, notes=(*picture.notes, *remarks(picture.rgb)))


def _tiff(data: bytes, limits: Limits) -> Picture:
    from imagery.raster import picture_of_tiff  # noqa: PLC0415 - GDAL only for rasters

    return picture_of_tiff(data, limits)


def _jpeg_2000(data: bytes, limits: Limits) -> Picture:  # noqa: ARG001 - as all readers
    raise UnsupportedImage(
        "a JPEG 2000 file is not read", hint="convert it to PNG, JPEG, WebP or GeoTIFF"
    )


_RASTER_READERS: dict[str, Callable[[bytes, Limits], Picture]] = {
    "image/tiff": _tiff,
    "image/jp2": _jpeg_2000,
}
