from __future__ import annotations

import pytest

from tests.app.drawing.turns import GOLDEN, GUIDES_PICTURE, guides_picture, rendered


@pytest.mark.parametrize("name", sorted(rendered()))
def test_what_is_drawn_is_as_it_was_looked_at(name: str) -> None:
    """Meant to be otherwise? python -m tests.app.drawing.turns, and look at the pictures."""
    assert rendered()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(rendered())


def test_the_guides_picture_is_drawn_by_this_code() -> None:
    assert GUIDES_PICTURE.read_text(encoding="utf-8") == guides_picture()
