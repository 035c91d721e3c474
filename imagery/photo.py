"""Pictures that are no rasters, through Pillow: PNG, JPEG, WebP, GIF, BMP and AVIF.

Pillow keeps 4 bytes for each pixel. Pixels are made RGB in strips, so that what a picture takes
besides is the result alone.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
    features,
)
from PIL.ImageFile import ImageFile

from imagery.checks import check_size, quiet
from imagery.colour import to_rgb_of
from imagery.encode import fitted
from imagery.errors import CorruptImage, EmptyImage, ImageTooLarge, UnsupportedImage
from imagery.limits import Limits
from imagery.picture import Picture
from imagery.png import deep_picture, is_deep, without_text
from imagery.tones import STRETCH_NOTE, over_grey, stretched, upright

# All that Pillow's readers raise on damaged files.
_DAMAGE = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, EOFError,
    RuntimeError, struct.error, zlib.error,
)  # fmt: skip
_CLASSES: dict[str, type[ImageFile]] = {
    # The classes themselves, not Image.open: it would warn of large pictures, checked here.
    "image/png": PngImagePlugin.PngImageFile,
    "image/jpeg": JpegImagePlugin.JpegImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
    "image/gif": GifImagePlugin.GifImageFile,
    "image/bmp": BmpImagePlugin.BmpImageFile,
    "image/avif": AvifImagePlugin.AvifImageFile,
}
_ORIENTATION_TAG = 0x0112
_STRIP_PX = 1_000_000
_DRAFT_GAP = 2  # Pillow's own measure of what a good resampling still needs
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread would take its own 64 MB of addresses


def read_photo(data: bytes, mime: str, limits: Limits, enough_px: int | None = None) -> Picture:
    """The picture in a file of one of the kinds above.

    Args:
        data: the file.
        mime: as `imagery.signatures.mime_of` says.
        limits: on its pixels, by its header.
        enough_px: how many pixels will do. A JPEG of more than twice the sides is then decoded at
            a half, a quarter or an eighth of its size, in less time and memory.
    """
    kind = mime.removeprefix("image/").upper()
    _check_codec(mime)
    try:
        if mime == "image/webp":  # Pillow's reader takes memory for it on opening
            check_size(*_webp_size(data), limits)
        if mime == "image/png":
            data = without_text(data)
        with quiet():
            opened = _CLASSES[mime](BytesIO(data))
        with opened as image:
            check_size(image.width, image.height, limits)
            if mime == "image/png" and is_deep(data):
                return _deep(image, data)
            return _picture(image, mime, enough_px)
    except Image.DecompressionBombError as error:  # a frame of a GIF larger than its screen
        raise ImageTooLarge(f"the picture has over {limits.max_pixels:,} pixels") from error
    except _DAMAGE as error:
        state = "is cut short" if "truncated" in str(error).lower() else "is damaged"
        raise CorruptImage(f"the {kind} file {state}", hint="fetch or export it again") from error


def _check_codec(mime: str) -> None:
    codec = mime.removeprefix("image/")
    if codec in ("avif", "webp") and not features.check(codec):
        raise UnsupportedImage(
            f"{codec.upper()} files are not read by the Pillow installed here",
            hint="convert it to PNG or JPEG",
        )


def _picture(image: ImageFile, mime: str, enough_px: int | None) -> Picture:
    frames = getattr(image, "n_frames", 1)
    notes = [f"first frame of {frames}"] if frames > 1 else []
    scene = image.size
    if enough_px is not None and mime == "image/jpeg":
        enough = fitted(*scene, enough_px)
        image.draft(None, (_DRAFT_GAP * enough[0], _DRAFT_GAP * enough[1]))
    image.load()
    orientation = _orientation(image)
    if image.mode.startswith("I;16"):
        pixels, more = _grey16(image)
    elif image.has_transparency_data:
        pixels, more = _composited(image)
    else:
        pixels, more = _opaque(image), []
    if scene == image.size:
        return Picture(upright(pixels, orientation), mime, (*notes, *more))
    turned = scene[::-1] if orientation in (5, 6, 7, 8) else scene
    return Picture(upright(pixels, orientation), mime, (*notes, *more), scene_px=turned)


def _deep(image: ImageFile, data: bytes) -> Picture:
    orientation = _orientation(image) if "exif" in image.info else 1  # looking further reads all
    frames = getattr(image, "n_frames", 1)
    image.verify()  # OpenCV shows what there is of a file that is cut short
    pixels, notes = deep_picture(data)
    first = (f"first frame of {frames}",) if frames > 1 else ()
    return Picture(upright(pixels, orientation), "image/png", (*first, *notes))


def _orientation(image: ImageFile) -> int:
    with quiet():
        try:
            value = image.getexif().get(_ORIENTATION_TAG, 1)
        except _DAMAGE:  # a picture with damaged EXIF is still a picture
            return 1
    return value if isinstance(value, int) else 1


def _grey16(image: ImageFile) -> tuple[NDArray[np.uint8], list[str]]:
    grey = stretched(np.asarray(image, np.uint16))
    return np.repeat(grey[..., None], 3, axis=2), [STRETCH_NOTE]


def _opaque(image: ImageFile) -> NDArray[np.uint8]:
    to_rgb = to_rgb_of(image)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top, bottom in _strips(image):
        pixels[top:bottom] = np.asarray(to_rgb(image.crop((0, top, image.width, bottom))))
    return pixels


def _composited(image: ImageFile) -> tuple[NDArray[np.uint8], list[str]]:
    to_rgb = to_rgb_of(image)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    clear = empty = 0
    for top, bottom in _strips(image):
        part = image.crop((0, top, image.width, bottom)).convert("RGBA")
        alpha = np.asarray(part.getchannel("A"))
        pixels[top:bottom] = over_grey(np.asarray(to_rgb(part.convert("RGB"))), alpha)
        clear += int(np.count_nonzero(alpha < 255))  # noqa: PLR2004 - opaque
        empty += int(np.count_nonzero(alpha == 0))
    area = image.width * image.height
    if empty == area:
        raise EmptyImage("every pixel of the picture is transparent")
    notes = [f"{100 * clear / area:.0f} % is transparent, shown over grey"] if clear else []
    return pixels, notes


def _strips(image: ImageFile) -> list[tuple[int, int]]:
    rows = max(1, _STRIP_PX // image.width)
    return [(top, min(top + rows, image.height)) for top in range(0, image.height, rows)]


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
