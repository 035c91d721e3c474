"""Pictures that an answer rests on, as references: their bytes go to the store."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Literal

import anyio.to_thread

from imagery import ImageRef, ImageryError
from imagery.store import ImageStore

PREFIX = "data:image/png;base64,"
_OF_INDEX: Mapping[str, Literal["water", "vegetation"]] = {"ndwi": "water", "ndvi": "vegetation"}


async def masks_kept(
    detail: Mapping[str, Any], image: ImageRef, images: ImageStore
) -> dict[str, Any]:
    """The detail of an answer with every mask in it as a reference, `sha256:...`, or None.

    A service sends a mask as a data: URI, or names the spectral index that found it, whose mask
    was kept with the image when its bands were still at hand.
    """
    measured = detail.get("measurements")
    if not isinstance(measured, list):
        return dict(detail)
    kept = []
    for each in measured:
        url = await anyio.to_thread.run_sync(_kept, each.get("mask"), image, images)
        kept.append({**each, "mask": url})
    return {**detail, "measurements": kept}


def _kept(mask: object, image: ImageRef, images: ImageStore) -> str | None:
    if not isinstance(mask, str):
        return None
    try:
        if mask in _OF_INDEX:
            data = images.mask(image.sha256, _OF_INDEX[mask])
        elif mask.startswith(PREFIX):
            data = base64.b64decode(mask.removeprefix(PREFIX), validate=True)
        else:
            return None
        return images.put(data, f"mask of {image.source}").url
    except (ImageryError, OSError, binascii.Error):
        return None  # an answer stands without its picture
