from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagery.overlay import TINT, overlay


def png(pixels: NDArray[Any]) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_what_was_counted_is_tinted_outlined_and_the_rest_left() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:40] = 255
    grey = np.full((40, 60, 3), 100, np.uint8)

    with Image.open(BytesIO(overlay(png(grey), png(mask)))) as image:
        shown = np.asarray(image)

    assert shown.shape == grey.shape
    assert (shown[5, 5] == 100).all()
    assert shown[20, 30, 0] > 150
    assert (shown[10, 30] == TINT).all()


def test_a_mask_of_another_size_is_fitted() -> None:
    mask = np.zeros((10, 10), bool)
    mask[:, :5] = True
    with Image.open(BytesIO(overlay(png(np.zeros((80, 80, 3), np.uint8)), png(mask)))) as image:
        shown = np.asarray(image)

    assert shown[:, :30].max() > 0
    assert shown[:, 50:].max() == 0
