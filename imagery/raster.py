"""8-bit TIFFs, with and without a place on Earth, through GDAL's GeoTIFF driver alone.

GDAL with its default drivers opens files that name other files and hosts (VRT, WMS, ...). Here it
gets bytes in memory, one driver, no look at neighbouring files, and no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError  # no public name holds GDAL's own errors
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError

from imagery.decode import check_size, over_grey, quiet
from imagery.errors import CorruptImage, EmptyImage, ImageTooLarge, UnsupportedImage
from imagery.picture import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from imagery.limits import Limits

MIME = "image/tiff"
GDAL_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_SKIP": "VRT,WMS,WMTS,WCS,WFS,OGCAPI,HTTP,DAAS,EEDAI,PLMOSAIC,STACIT,STACTA,GTI,DERIVED",
    "GDAL_PAM_ENABLED": "NO",
}
_DAMAGE = (RasterioError, CPLE_BaseError, OSError, ValueError)
_RGB = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)


def picture_of_tiff(data: bytes, limits: Limits) -> Picture:
    """The picture in a TIFF of 8-bit bands.

    Pixels that the file marks as holding no data, and transparent ones, come out grey.

    Raises:
        ImageTooLarge: by its header, before anything is read.
        UnsupportedImage: bands of another type than 8-bit.
        CorruptImage: GDAL cannot read it.
        EmptyImage: no pixel holds data.
    """
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.MemoryFile(data) as memory:
            with quiet():  # a picture without a place on Earth is a picture
                opened = memory.open(driver="GTiff")
            with opened as dataset:
                _check(dataset, limits)
                return _picture(dataset)
    except _DAMAGE as error:
        raise CorruptImage(
            "the TIFF file is damaged, cut short or packed in a way that is not read",
            hint="write it again: gdal_translate -co COMPRESS=DEFLATE in.tif out.tif",
        ) from error


def _check(dataset: DatasetReader, limits: Limits) -> None:
    types = sorted(set(dataset.dtypes))
    if types != ["uint8"]:
        bands = "1 band" if dataset.count == 1 else f"{dataset.count} bands"
        raise UnsupportedImage(
            f"a TIFF of {bands} of {' and '.join(types)}: only 8-bit TIFFs are shown so far",
            hint="convert it first: gdal_translate -ot Byte -scale in.tif out.tif",
        )
    check_size(dataset.width, dataset.height, limits)
    # GDAL takes memory for whole blocks, and a block can be larger than the picture.
    block = max(height * width for height, width in dataset.block_shapes) * dataset.count
    if block > 4 * limits.max_pixels:
        raise ImageTooLarge("the blocks of the TIFF are too large", hint="write it again, tiled")


def _picture(dataset: DatasetReader) -> Picture:
    notes = []
    if len(dataset.subdatasets) > 1:
        notes.append(f"first page of {len(dataset.subdatasets)}")
    shown, of = _bands(dataset)
    if of not in (1, len(shown)) or sorted(shown) != list(shown):
        word = "band" if len(shown) == 1 else "bands"
        named = set(_RGB) <= set(dataset.colorinterp)
        guess = " as red, green and blue, which is a guess" if len(shown) > 1 and not named else ""
        notes.append(f"shows {word} {', '.join(map(str, shown))} of {of}{guess}")
    mask = dataset.dataset_mask()
    if not mask.any():
        raise EmptyImage("no pixel of the TIFF holds data")
    rgb = _rgb(dataset, shown)
    if mask.min() < 255:  # noqa: PLR2004 - all valid
        share = 100 * float(np.mean(mask < 255))  # noqa: PLR2004
        notes.append(f"{share:.0f} % holds no data or is transparent, shown grey")
        rgb = over_grey(rgb, mask)
    return Picture(rgb, MIME, tuple(notes))


def _bands(dataset: DatasetReader) -> tuple[list[int], int]:
    """The bands to show, counted from 1, and the number of bands that are not alpha."""
    kinds = dataset.colorinterp
    if set(_RGB) <= set(kinds):
        shown = [kinds.index(kind) + 1 for kind in _RGB]
        return shown, sum(kind != ColorInterp.alpha for kind in kinds)
    colours = [i for i, kind in enumerate(kinds, 1) if kind != ColorInterp.alpha]
    if not colours:
        raise EmptyImage("the TIFF has a mask but no picture")
    return colours[: 3 if len(colours) > 2 else 1], len(colours)  # noqa: PLR2004 - R, G, B


def _rgb(dataset: DatasetReader, shown: list[int]) -> NDArray[np.uint8]:
    values: NDArray[np.uint8] = dataset.read(shown)
    if len(shown) > 1:
        return np.ascontiguousarray(np.moveaxis(values, 0, 2))
    grey = values[0]
    if dataset.colorinterp[shown[0] - 1] == ColorInterp.palette:
        table = np.zeros((256, 3), np.uint8)
        for index, colour in dataset.colormap(shown[0]).items():
            table[index] = colour[:3]
        coloured: NDArray[np.uint8] = table[grey]
        return coloured
    bits = int(dataset.tags(shown[0], ns="IMAGE_STRUCTURE").get("NBITS", 8))
    if bits < 8:  # noqa: PLR2004 - 0 and 1 of a bilevel picture are black and white
        grey = (grey.astype(np.uint16) * 255 // (2**bits - 1)).astype(np.uint8)
    if dataset.tags(ns="IMAGE_STRUCTURE").get("MINISWHITE") == "YES":  # GDAL leaves it inverted
        grey = 255 - grey
    return np.repeat(grey[..., None], 3, axis=2)
