"""Small files, made here, for the tests of `imagery`."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from imagery import ImageryError


def one_line(error: ImageryError) -> str:
    """An error's sentence, which must be fit for a terminal and a log."""
    assert str(error).isprintable()
    assert error.hint.isprintable()
    return str(error)


def ramp(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """Grey rising from left to right, darker towards the bottom."""
    columns = np.linspace(20, 240, width)[None, :]
    rows = np.linspace(1, 0.5, height)[:, None]
    return np.asarray(columns * rows, np.uint8)


def rgb(width: int = 64, height: int = 48) -> Image.Image:
    grey = ramp(width, height)
    return Image.fromarray(np.dstack([grey, 255 - grey, grey // 2]))


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width: int = 64, height: int = 48) -> bytes:
    return saved(rgb(width, height))


def tiff(
    bands: NDArray[Any],
    *,
    mask: NDArray[np.uint8] | None = None,
    colours: tuple[Any, ...] = (),
    colormap: dict[int, tuple[int, int, int]] | None = None,
    names: tuple[str, ...] = (),
    tags: dict[str, str] | None = None,
    overviews: tuple[int, ...] = (),
    **profile: Any,
) -> bytes:
    """A GeoTIFF of bands of shape (count, height, width)."""
    count, height, width = bands.shape
    shape = {"count": count, "height": height, "width": width, "dtype": bands.dtype}
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="GTiff", **shape, **profile) as dataset:
            dataset.write(bands)
            for i, name in enumerate(names, 1):
                dataset.set_band_description(i, name)
            dataset.update_tags(**(tags or {}))
            if colours:
                dataset.colorinterp = colours
            if colormap:
                dataset.write_colormap(1, colormap)
            if mask is not None:
                dataset.write_mask(mask)
            if overviews:
                dataset.build_overviews(list(overviews))
        data: bytes = memory.read()
        return data


def png16(values: NDArray[np.uint16]) -> bytes:
    """A PNG of 16 bits a channel, of shape (height, width, channels): Pillow writes none."""
    height, width, channels = values.shape
    rows = values.astype(">u2").tobytes()
    stride = 2 * width * channels
    body = b"".join(b"\0" + rows[i : i + stride] for i in range(0, len(rows), stride))
    colour = {2: 4, 3: 2, 4: 6}[channels]
    return chunked_png(struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0), body)


def chunked_png(header: bytes, body: bytes) -> bytes:
    """A PNG of an IHDR and the bytes that its IDAT inflates to."""
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(body)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
