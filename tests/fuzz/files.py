"""Small whole files of every format and layout that is read."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine

from imagery.checks import quiet
from tests.imagery.pictures import png, png16, rgb, saved, tiff


@cache
def whole_files() -> dict[str, bytes]:
    """Whole files, a few of each format that is read."""
    return {**_photos(), **_rasters()}


def _photos() -> dict[str, bytes]:
    picture = rgb(80, 60)
    grey, clear = picture.convert("L"), picture.convert("RGBA")
    clear.putalpha(grey)
    exif = Image.Exif()
    exif[274] = 6
    frames: dict[str, Any] = {"save_all": True, "append_images": [picture.rotate(90)]}
    return {
        "plain.png": png(80, 60),
        "palette.png": saved(picture.quantize(16)),
        "alpha.png": saved(clear),
        "frames.png": saved(picture, **frames),
        "deep.png": png16(np.arange(40 * 30 * 3, dtype=np.uint16).reshape(30, 40, 3) * 9),
        "plain.jpg": saved(picture, "JPEG", exif=exif),
        "progressive.jpg": saved(picture, "JPEG", progressive=True),
        "cmyk.jpg": saved(picture.convert("CMYK"), "JPEG"),
        "lossy.webp": saved(picture, "WEBP"),
        "lossless.webp": saved(clear, "WEBP", lossless=True),
        "frames.webp": saved(picture, "WEBP", **frames),
        "plain.gif": saved(picture.quantize(64), "GIF"),
        "frames.gif": saved(picture, "GIF", **frames),
        "plain.bmp": saved(picture, "BMP"),
        "palette.bmp": saved(picture.quantize(256), "BMP"),
        "plain.avif": saved(picture, "AVIF"),
        "alpha.avif": saved(clear, "AVIF"),
    }


def _rasters() -> dict[str, bytes]:
    values = np.random.default_rng(1).integers(0, 200, (4, 96, 128))
    place: dict[str, Any] = {"crs": "EPSG:32633", "transform": Affine(10, 0, 5e5, 0, -10, 5e6)}
    tiled: dict[str, Any] = {"tiled": True, "blockxsize": 32, "blockysize": 32}
    three = values[:3].astype(np.uint8)
    whole = {
        "plain.tif": tiff(three, photometric="RGB"),
        "uint16.tif": tiff(values.astype(np.uint16), nodata=0, compress="deflate", **place),
        "int16.tif": tiff(values[:1].astype(np.int16), **place, **tiled),
        "float32.tif": tiff(values[:2].astype(np.float32), compress="lzw", predictor=3, **place),
        "float64.tif": tiff(values[:1].astype(np.float64), compress="packbits"),
        "complex64.tif": tiff(values[:1].astype(np.complex64), compress="deflate", **tiled),
        "zstd.tif": tiff(three, compress="zstd", interleave="band", **tiled, **place),
        "jpeg.tif": tiff(three, compress="jpeg", photometric="YCBCR", **tiled),
        "mask.tif": tiff(three, mask=three[0] // 100 * 255, overviews=(2, 4), **tiled, **place),
        "palette.tif": tiff(three[:1] // 50, colormap={i: (i, 9, 80) for i in range(4)}),
        "bits.tif": tiff(three[:1] // 100, nbits=1, compress="ccittfax4"),
        "big.tif": tiff(three, bigtiff="YES", tags={"AREA_OR_POINT": "Point"}, **place),
        "named.tif": tiff(values.astype(np.uint16), names=("red", "green", "blue", "nir"), **place),
        "plain.jp2": _copied(tiff(three, **place), "JP2OpenJPEG", REVERSIBLE="YES", QUALITY=100),
        "uint16.jp2": _copied(tiff(values[:1].astype(np.uint16)), "JP2OpenJPEG"),
    }
    points = [GroundControlPoint(r, c, 9 + c / 90, 50 - r / 90) for r in (0, 96) for c in (0, 128)]
    whole["points.tif"] = tiff(three[:1], gcps=points, crs="EPSG:4326", nodata=7)
    large = tiff(np.tile(three, (2, 2)), **place)
    for codec in ("deflate", "jpeg", "webp", "lerc"):
        whole[f"{codec}.cog.tif"] = _copied(large, "COG", COMPRESS=codec, BLOCKSIZE=128)
    return whole


def _copied(data: bytes, driver: str, **options: Any) -> bytes:
    end = ".jp2" if driver == "JP2OpenJPEG" else ".tif"
    with quiet(), MemoryFile(data) as source, MemoryFile(ext=end) as target:
        with source.open() as dataset:
            copy(dataset, target.name, driver=driver, **options)
        found: bytes = target.read()
        return found
