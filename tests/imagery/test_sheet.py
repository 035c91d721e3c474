from __future__ import annotations

import io

import pytest
from PIL import Image

from imagery.sheet import Cell, contact_sheet
from tests.fakes import picture


def opened(sheet: bytes) -> Image.Image:
    return Image.open(io.BytesIO(sheet))


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (7, 5)])
def test_the_sheet_is_as_wide_as_its_columns(count: int, columns: int) -> None:
    cells = [Cell(f"{n}.tif", "a line", picture()) for n in range(count)]
    page = opened(contact_sheet(cells, side_px=100))
    assert page.width == columns * 112 + 12


def test_a_picture_keeps_its_proportions_and_its_colours() -> None:
    page = opened(contact_sheet([Cell("a.tif", "", picture(64, 16))], side_px=64)).convert("RGB")
    assert page.getpixel((13, 13)) == (40, 120, 50)
    assert page.getpixel((13, 12 + 40)) == (250, 250, 248)


def test_a_file_without_a_picture_has_its_reason_and_long_words_are_cut() -> None:
    cells = [Cell("x" * 500, "no pixel holds data " * 50)]
    page = opened(contact_sheet(cells, side_px=100))
    assert page.size == (124, 178)
