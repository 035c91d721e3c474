"""Pixels of any of Pillow's modes as sRGB, by the profile in the file where it has one."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageChops, ImageCms
from PIL.ImageFile import ImageFile

ToRgb = Callable[[Image.Image], Image.Image]

MAX_PROFILE_BYTES = 4 * 1024 * 1024  # the largest of printers' profiles; others are some kB
_PROFILED_MODES = ("RGB", "L", "CMYK")
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def to_rgb_of(image: ImageFile) -> ToRgb:
    """A function that makes a part of this picture RGB."""
    by_profile = _profile_transform(image)
    if by_profile is not None:
        return by_profile
    # Pillow takes every CMYK JPEG for an inverted one of Adobe's; without Adobe's mark it is not.
    if image.mode == "CMYK" and "adobe" not in image.info:
        return lambda part: ImageChops.invert(part).convert("RGB")
    return lambda part: part.convert("RGB")


def _profile_transform(image: ImageFile) -> ToRgb | None:
    profile = image.info.get("icc_profile")
    mode = "RGB" if image.mode == "RGBA" else image.mode
    if not isinstance(profile, bytes) or mode not in _PROFILED_MODES:
        return None
    if len(profile) > MAX_PROFILE_BYTES or b"sRGB" in profile[:1024]:
        return None  # the usual case: nothing to do
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except _UNUSABLE:  # a picture with a damaged or foreign profile is still a picture
        return None

    def to_rgb(part: Image.Image) -> Image.Image:
        same = part if part.mode == mode else part.convert(mode)
        converted = ImageCms.applyTransform(same, transform)
        return converted if converted is not None else part.convert("RGB")

    return to_rgb
