from __future__ import annotations

import pytest

from app.cli.words import harmless, metres_per_pixel, say


def test_a_models_words_cannot_command_a_terminal() -> None:
    assert harmless("a\x1b[2Jb\x07\u009bc\nd\te 卫星") == "a[2Jbc\nd\te 卫星"


@pytest.mark.parametrize("aside", [False, True])
def test_words_are_plain_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], aside: bool
) -> None:
    say("[bold]37 %[/bold] of https://example.com " + "x" * 200, aside=aside)
    assert capsys.readouterr().out == "[bold]37 %[/bold] of https://example.com " + "x" * 200 + "\n"


@pytest.mark.parametrize(
    ("metres", "words"),
    [(0.2994, "0.299"), (10.0, "10"), (1113.2, "1,113")],
)
def test_ground_sample_distances_have_the_digits_that_mean_something(
    metres: float, words: str
) -> None:
    assert metres_per_pixel(metres) == f"{words} m per pixel"
