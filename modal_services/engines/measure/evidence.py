"""Pictures of where something was found."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from modal_services.engines.measure.view import View

INDICES = ("ndwi", "ndvi")


def mask_uri(view: View, name: str | None) -> str | None:
    """A mask by its name: a PNG as a data: URI, or the index's own name, whose mask is elsewhere.

    White is where both rules find it, grey where only the lenient one does.
    """
    if name is None or name in INDICES:
        return name
    return png_uri(view.covers.masks[name])


def png_uri(mask: NDArray[np.uint8]) -> str:
    """A mask of shape (rows, columns) as a greyscale PNG in a data: URI."""
    done, data = cv2.imencode(".png", mask)
    if not done:  # never with memory left
        raise MemoryError("the mask could not be encoded")
    return "data:image/png;base64," + base64.b64encode(data.tobytes()).decode("ascii")
