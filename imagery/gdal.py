"""Opens a raster with one GDAL driver, told by the file's first bytes, and nothing else.

GDAL with its default drivers opens files that name other files and hosts (VRT, WMS, ...). Here it
gets bytes in memory or a plain local file, one driver, no look at neighbouring files, and no
network. The path goes to GDAL as a `Path`, which it never parses for /vsi… or zip:….
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import rasterio
from rasterio._err import CPLE_BaseError  # no public name holds GDAL's own errors
from rasterio.errors import CRSError, RasterioError

from imagery.decode import quiet
from imagery.errors import CorruptImage, NotAnImage, UnsupportedImage
from imagery.signatures import JPEG2000, TIFF, raster_mime

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_SKIP": "VRT,WMS,WMTS,WCS,WFS,OGCAPI,HTTP,DAAS,EEDAI,PLMOSAIC,STACIT,STACTA,GTI,DERIVED",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64_000_000,  # bytes, as rasterio has it; GDAL's own default is 5 % of memory
    "OPJ_NUM_THREADS": 1,
}
SIGNATURE_BYTES = 12
_DRIVERS = {TIFF: "GTiff", JPEG2000: "JP2OpenJPEG"}
# UnicodeDecodeError: of names and tags that rasterio takes for UTF-8.
DAMAGE = (RasterioError, CRSError, CPLE_BaseError, OSError, UnicodeDecodeError)
_HINTS = {
    TIFF: "write it again: gdal_translate -co COMPRESS=DEFLATE in.tif out.tif",
    JPEG2000: "fetch or export it again",
}
_NAMES = {TIFF: "TIFF", JPEG2000: "JPEG 2000"}


@contextmanager
def opened(source: bytes | Path) -> Iterator[tuple[DatasetReader, str]]:
    """A dataset and its media type.

    Everything that GDAL reports while it is open becomes CorruptImage.

    Raises:
        NotAnImage: there is no such file, or it is a folder or a device.
        UnsupportedImage: it is neither TIFF nor JPEG 2000 by its first bytes.
        CorruptImage: GDAL cannot read it.
    """
    mime = raster_mime(_start(source))
    if mime is None:
        raise UnsupportedImage("the file is neither a TIFF nor a JPEG 2000")
    try:
        with rasterio.Env(**OPTIONS), _dataset(source, _DRIVERS[mime]) as dataset:
            yield dataset, mime
    except DAMAGE as error:
        raise CorruptImage(
            f"the {_NAMES[mime]} file is damaged, cut short or packed in a way that is not read",
            hint=_HINTS[mime],
        ) from error


def structure_of(dataset: DatasetReader) -> dict[str, str]:
    """What a TIFF says of how its values are laid out; of a JPEG 2000 nothing.

    GDAL 3.10 goes through all boxes of a JPEG 2000 for this, and never ends where one of those
    within another says that it has no length.
    """
    return dict(dataset.tags(ns="IMAGE_STRUCTURE")) if dataset.driver == "GTiff" else {}


@contextmanager
def _dataset(source: bytes | Path, driver: str) -> Iterator[DatasetReader]:
    if isinstance(source, bytes):
        with rasterio.MemoryFile(source) as memory:
            with quiet():  # a picture without a place on Earth is a picture
                dataset = memory.open(driver=driver)
            with dataset:
                yield dataset
        return
    with quiet():
        dataset = rasterio.open(source.resolve(), driver=driver)
    with dataset:
        yield dataset


def _start(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[:SIGNATURE_BYTES]
    try:
        if not stat.S_ISREG(source.stat().st_mode):  # a pipe would be waited for
            raise NotAnImage(f"{source.name!r} is not a file")
        with source.open("rb") as file:
            return file.read(SIGNATURE_BYTES)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotAnImage(f"{source.name!r} cannot be read: {reason}") from error
