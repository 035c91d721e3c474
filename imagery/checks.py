"""What is checked of every picture, whichever reader reads it."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from imagery.errors import CorruptImage, ImageTooLarge, UnsupportedImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imagery.limits import Limits

MAX_ASPECT = 200  # Qwen-VL's processors refuse what is longer
MIN_SIDE_PX = 32  # one patch of Qwen3-VL

_ONE_AT_A_TIME = threading.Lock()


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


def remarks(rgb: NDArray[np.uint8]) -> tuple[str, ...]:
    """What a person should know of a picture's pixels before asking about them."""
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        return (f"very small: {width} × {height} pixels",)
    if (rgb[0] == rgb[0, 0]).all() and (rgb == rgb[0, 0]).all():
        return ("nothing to see: every pixel has the same colour",)
    return ()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings of the readers to ourselves: for headers, which take no time.

    Python's list of warning filters is shared by all threads, so one at a time.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
