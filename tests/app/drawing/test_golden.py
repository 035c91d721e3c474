from __future__ import annotations

import pytest

from tests.app.drawing.turns import GOLDEN, rendered


@pytest.mark.parametrize("name", sorted(rendered()))
def test_what_is_drawn_is_as_it_was_looked_at(name: str) -> None:
    """Meant to be otherwise? python -m tests.app.drawing.turns, and look at the pictures."""
    assert rendered()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(rendered())
