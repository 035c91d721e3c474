"""A file's bytes as an upright, 8-bit RGB picture, or one sentence saying why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from imagery.checks import check_size, quiet, remarks
from imagery.errors import BadReference, ImageTooLarge
from imagery.limits import Limits
from imagery.photo import read_photo
from imagery.picture import Picture
from imagery.reading import PLAIN, Reading
from imagery.signatures import RASTERS, mime_of
from imagery.tones import GREY, over_grey

__all__ = ["GREY", "check_size", "decode", "decode_raster", "mime_of", "over_grey", "quiet"]


def decode(
    data: bytes, limits: Limits, enough_px: int | None = None, reading: Reading = PLAIN
) -> Picture:
    """The picture in a file.

    Args:
        data: the file.
        limits: on its bytes and pixels.
        enough_px: how many pixels will do; what is much larger may be read smaller, and the
            picture's `scene_px` says from what. None: every pixel; a raster is read at twice
            what a model sees, through its overviews.
        reading: what a person says of it.

    Raises:
        ImageryError: NotAnImage, UnsupportedImage, ImageTooLarge, CorruptImage or EmptyImage;
            BadReference for a window that is none of it.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(
            f"the file has {len(data):,} bytes, over the limit of {limits.max_bytes:,}"
        )
    mime = mime_of(data)
    if mime in RASTERS:
        return decode_raster(data, limits, reading)
    if reading.window:
        raise BadReference("a part can be read of rasters only (GeoTIFF, JPEG 2000)")
    return _remarked(read_photo(data, mime, limits, enough_px), reading)


def decode_raster(source: bytes | Path, limits: Limits, reading: Reading = PLAIN) -> Picture:
    """The picture in a raster, which may be a local file of any size.

    Raises:
        ImageryError: as `imagery.raster.read_raster`.
    """
    from imagery.raster import read_raster  # noqa: PLC0415 - GDAL only for rasters

    picture = read_raster(
        source,
        limits,
        window=reading.window,
        band_roles=reading.band_roles,
        eo_bands=reading.eo_bands or None,
        name=reading.name,
    )
    return _remarked(picture, reading)


def _remarked(picture: Picture, reading: Reading) -> Picture:
    notes = (*reading.notes, *picture.notes, *remarks(picture.rgb))
    facts = picture.facts
    if facts and reading.told:
        facts = facts.model_copy(update=dict(reading.told))
    return replace(picture, notes=notes, facts=facts)
