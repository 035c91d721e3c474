from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagery import Limits, NotAnImage
from imagery.decode import decode
from imagery.prepare import prepared
from tests.imagery.pictures import png, rgb, saved

LIMITS = Limits(model_pixels=20_000)


def test_a_small_picture_is_shown_as_it_is() -> None:
    ready = prepared(png(), LIMITS)
    assert (ready.width_px, ready.height_px) == ready.shown_px == (64, 48)
    assert (ready.mime, ready.picture_mime, ready.notes) == ("image/png", "image/png", ())


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_scale_of_a_large_picture_is_recorded(kind: str) -> None:
    ready = prepared(saved(rgb(1600, 800), kind), LIMITS)
    assert (ready.width_px, ready.height_px) == (1600, 800)
    assert ready.shown_px == Image.open(BytesIO(ready.picture)).size == (200, 100)
    assert ready.notes == ("shown at 200 × 100 of 1,600 × 800 pixels",)


def test_a_jpeg_read_smaller_looks_like_one_read_whole() -> None:
    data = saved(rgb(1600, 800), "JPEG", quality=95)
    quick = np.asarray(Image.open(BytesIO(prepared(data, LIMITS).picture)), np.int16)
    whole = Image.open(BytesIO(decode(data, LIMITS).encoded(LIMITS.model_pixels)[0]))
    assert abs(quick - np.asarray(whole, np.int16)).max() <= 4


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(NotAnImage):
        prepared(b"hello", LIMITS)
