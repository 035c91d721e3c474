"""A file's bytes as an upright, 8-bit RGB picture, or one sentence saying why not.

The kind of a file is told by its first bytes alone, never by its name or by what a sender claims.
"""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.Image import Transpose as Turn
from PIL.ImageFile import ImageFile

from imagery.errors import (
    CorruptImage,
    EmptyImage,
    ImageryError,
    ImageTooLarge,
    NotAnImage,
    UnsupportedImage,
)
from imagery.limits import Limits
from imagery.picture import Picture

GREY = 128
MAX_ASPECT = 200  # Qwen-VL's processors refuse what is longer
MIN_SIDE_PX = 32  # one patch of Qwen3-VL

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CONVERT = "convert it to PNG, JPEG, WebP or GeoTIFF"
# (offset, first bytes, what it is)
_UNREAD = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (4, b"ftypavi", "an AVIF"),
    (4, b"ftyphei", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (4, b"jP  ", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (4, b"JXL ", "a JPEG XL"),
    (0, b"8BPS", "a Photoshop"),
    (0, b"\x89HDF", "an HDF5"),
    (0, b"CDF", "a NetCDF"),
)
_FOREIGN = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "a gzip archive"))
# All that Pillow's readers raise on damaged files.
_DAMAGE = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, EOFError,
    struct.error, zlib.error,
)  # fmt: skip
_READERS: dict[str, type[ImageFile]] = {
    # The classes themselves, not Image.open: it would warn of large pictures, checked here.
    "image/png": PngImagePlugin.PngImageFile,
    "image/jpeg": JpegImagePlugin.JpegImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
}
_UPRIGHT = {
    2: Turn.FLIP_LEFT_RIGHT, 3: Turn.ROTATE_180, 4: Turn.FLIP_TOP_BOTTOM, 5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270, 7: Turn.TRANSVERSE, 8: Turn.ROTATE_90,
}  # fmt: skip
_ORIENTATION_TAG = 0x0112
_ONE_AT_A_TIME = threading.Lock()


def mime_of(data: bytes) -> str:
    """The media type of a picture that is read: PNG, JPEG, WebP or TIFF.

    Raises:
        NotAnImage: the bytes are no picture.
        UnsupportedImage: they are one of another kind.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(_TIFF):
        return "image/tiff"
    raise _refusal(data)


def decode(data: bytes, limits: Limits) -> Picture:
    """The picture in a file.

    Raises:
        ImageryError: NotAnImage, UnsupportedImage, ImageTooLarge, CorruptImage or EmptyImage.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(f"the file has {len(data):,} bytes, over {limits.max_bytes:,}")
    mime = mime_of(data)
    if mime == "image/tiff":
        from imagery.raster import picture_of_tiff  # noqa: PLC0415 - GDAL only for TIFFs

        picture = picture_of_tiff(data, limits)
    else:
        picture = _picture(data, mime, limits)
    return replace(picture, notes=(*picture.notes, *_remarks(picture.rgb)))


def check_size(width_px: int, height_px: int, limits: Limits) -> None:
    """Refuse a size from a header before memory is taken for it."""
    size = f"{width_px:,} × {height_px:,} pixels"
    if width_px < 1 or height_px < 1:
        raise CorruptImage(f"the header says that the picture has {size}")
    if width_px * height_px > limits.max_pixels:
        raise ImageTooLarge(
            f"the picture has {size}, over the limit of {limits.max_pixels:,}",
            hint="crop it or make it smaller",
        )
    if max(width_px, height_px) > MAX_ASPECT * min(width_px, height_px):
        raise UnsupportedImage(
            f"the picture has {size}: one side is more than {MAX_ASPECT} times the other",
            hint="crop it",
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings of the readers to ourselves: for headers, which take no time.

    Python's list of warning filters is shared by all threads, so one at a time.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def over_grey(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of shape (height, width, 3) laid over neutral grey by an alpha of 0 to 255."""
    image = Image.new("RGB", (rgb.shape[1], rgb.shape[0]), (GREY, GREY, GREY))
    image.paste(Image.fromarray(rgb), mask=Image.fromarray(alpha))
    return np.asarray(image)


def _picture(data: bytes, mime: str, limits: Limits) -> Picture:
    kind = mime.removeprefix("image/").upper()
    try:
        if mime == "image/webp":  # Pillow's reader takes memory for it on opening
            check_size(*_webp_size(data), limits)
        with quiet():
            opened = _READERS[mime](BytesIO(data))
        with opened as image:
            check_size(image.width, image.height, limits)
            image.load()
            return _converted(image, data, mime)
    except _DAMAGE as error:
        state = "is cut short" if "truncated" in str(error).lower() else "is damaged"
        raise CorruptImage(f"the {kind} file {state}", hint="fetch or export it again") from error


def _converted(image: ImageFile, data: bytes, mime: str) -> Picture:
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.append(f"first frame of {frames}")
    turn = _UPRIGHT.get(_orientation(image))
    upright = image if turn is None else image.transpose(turn)
    if upright.mode[0] in "IF":  # 16 bits or more: convert("RGB") would clip all to white
        notes.append("16-bit values stretched to 8 bits (percentiles 2 to 98)")
        return Picture(_stretched(np.asarray(upright, np.float32)), mime, tuple(notes))
    if mime == "image/png" and data[24] == 16:  # noqa: PLR2004 - bit depth in IHDR
        notes.append("16 bits a channel, of which the upper 8 are shown: it may look dark")
    if not image.has_transparency_data:
        return Picture(np.asarray(upright.convert("RGB")), mime, tuple(notes))
    rgba = np.asarray(upright.convert("RGBA"))
    rgb, alpha = np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])
    if not alpha.any():
        raise EmptyImage("every pixel of the picture is transparent")
    if alpha.min() < 255:  # noqa: PLR2004 - opaque
        share = 100 * float(np.mean(alpha < 255))  # noqa: PLR2004
        notes.append(f"{share:.0f} % is transparent, shown over grey")
        rgb = over_grey(rgb, alpha)
    return Picture(rgb, mime, tuple(notes))


def _orientation(image: ImageFile) -> int:
    with quiet():
        try:
            value = image.getexif().get(_ORIENTATION_TAG, 1)
        except _DAMAGE:  # a picture with damaged EXIF is still a picture
            return 1
    return value if isinstance(value, int) else 1


def _stretched(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = np.percentile(values, (2, 98))
    if high <= low:
        low, high = float(values.min()), max(float(values.max()), float(values.min()) + 1)
    scaled = (values - np.float32(low)) * np.float32(255 / (high - low))
    grey = np.clip(scaled + np.float32(0.5), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in the header (RFC 9649)."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
        return width, height
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _remarks(rgb: NDArray[np.uint8]) -> list[str]:
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        return [f"very small: {width} × {height} pixels"]
    if (rgb[0] == rgb[0, 0]).all() and (rgb == rgb[0, 0]).all():
        return ["nothing to see: every pixel has the same colour"]
    return []


def _refusal(data: bytes) -> ImageryError:
    if not data:
        return NotAnImage("the file is empty")
    for offset, start, name in _UNREAD:
        if data.startswith(start, offset):
            return UnsupportedImage(f"{name} file is not read", hint=_CONVERT)
    for start, name in _FOREIGN:
        if data.startswith(start):
            return NotAnImage(f"the file is {name}, not a picture")
    text = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        return _markup_refusal(text)
    return NotAnImage("the bytes are not a picture of any known kind")


def _markup_refusal(text: bytes) -> ImageryError:
    if b"<vrtdataset" in text:
        return UnsupportedImage(
            "VRT files can point at other files and hosts, so they are not opened",
            hint="convert it first: gdal_translate scene.vrt scene.tif",
        )
    if text.startswith((b"<!doctype html", b"<html")):
        return NotAnImage("the file is a web page, not a picture")
    if b"<svg" in text:
        return UnsupportedImage("an SVG file is a drawing and is not read", hint=_CONVERT)
    return NotAnImage("the file is XML, not a picture")
