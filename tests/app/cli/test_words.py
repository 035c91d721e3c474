from __future__ import annotations

import pytest

from app.cli.words import harmless, say


def test_a_models_words_cannot_command_a_terminal() -> None:
    assert harmless("a\x1b[2Jb\x07\u009bc\nd\te 卫星") == "a[2Jbc\nd\te 卫星"


@pytest.mark.parametrize("aside", [False, True])
def test_words_are_plain_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], aside: bool
) -> None:
    say("[bold]37 %[/bold] of https://example.com " + "x" * 200, aside=aside)
    assert capsys.readouterr().out == "[bold]37 %[/bold] of https://example.com " + "x" * 200 + "\n"
