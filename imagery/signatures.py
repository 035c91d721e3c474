"""Which kind of file some bytes are: told by their first bytes, never by a name or a claim."""

from __future__ import annotations

from imagery.errors import ImageryError, NotAnImage, UnsupportedImage

TIFF, JPEG2000 = "image/tiff", "image/jp2"
RASTERS = frozenset({TIFF, JPEG2000})
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# (offset, first bytes, media type)
_READ = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    *((0, start, TIFF) for start in _TIFF),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypavis", "image/avif"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", JPEG2000),
    (0, b"\xff\x4f\xff\x51", JPEG2000),  # a bare codestream
)
_BMP_HEADER_BYTES = (12, 40, 52, 56, 64, 108, 124)
_CONVERT = "convert it to PNG, JPEG, WebP or GeoTIFF"
_UNREAD = (
    (4, b"ftyphei", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (4, b"JXL ", "a JPEG XL"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (0, b"8BPS", "a Photoshop"),
    (0, b"\x89HDF", "an HDF5"),
    (0, b"CDF", "a NetCDF"),
)
_FOREIGN = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "a gzip archive"))


def mime_of(data: bytes) -> str:
    """The media type of a picture that is read.

    Raises:
        NotAnImage: the bytes are no picture.
        UnsupportedImage: they are one of another kind.
    """
    plain = _by_first_bytes(data)
    if plain:
        return plain
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    # Two letters are little: the length of the second header makes it sure.
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADER_BYTES:
        return "image/bmp"
    if data[4:12] == b"ftypmif1" and b"avif" in data[16 : int.from_bytes(data[:4], "big")]:
        return "image/avif"
    raise _refusal(data)


def raster_mime(start: bytes) -> str | None:
    """The media type of a raster that GDAL reads here, by its first 12 bytes, or None."""
    mime = _by_first_bytes(start)
    return mime if mime in RASTERS else None


def _by_first_bytes(data: bytes) -> str | None:
    found = (mime for offset, start, mime in _READ if data.startswith(start, offset))
    return next(found, None)


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
