from __future__ import annotations

import itertools
import textwrap

from hypothesis import given
from hypothesis import strategies as st

from app.cli.wrapping import Wrapping


def wrapped(width: int, *pieces: str) -> str:
    written: list[str] = []
    wrapping = Wrapping(written.append, width)
    for piece in pieces:
        wrapping.add(piece)
    wrapping.end()
    return "".join(written)


def test_lines_break_between_words_that_come_in_pieces() -> None:
    assert wrapped(12, "A har", "bor with", " three s", "hips.\n\nYes.") == (
        "A harbor\nwith three\nships.\n\nYes."
    )


def test_a_word_is_written_as_soon_as_it_is_whole() -> None:
    written: list[str] = []
    wrapping = Wrapping(written.append, 80)
    wrapping.add("A har")
    assert written == ["A"]
    wrapping.add("bor ")
    assert "".join(written) == "A harbor"


def test_a_script_without_blanks_is_written_as_it_comes_and_breaks_anywhere() -> None:
    written: list[str] = []
    wrapping = Wrapping(written.append, 6)
    wrapping.add("卫星图像")
    assert "".join(written) == "卫星图\n像"


def test_a_no_break_space_breaks_no_line() -> None:
    assert wrapped(9, "about 46\u202f% of it") == "about\n46\u202f% of\nit"


def test_without_a_terminal_nothing_is_changed() -> None:
    assert wrapped(0, "a  b ", " c" * 99) == "a  b " + " c" * 99


WORDS = st.lists(st.text("abc", min_size=1, max_size=15), min_size=1, max_size=30)


@given(words=WORDS, cuts=st.lists(st.integers(0, 300), max_size=8), width=st.integers(1, 40))
def test_it_is_how_textwrap_breaks_the_whole(words: list[str], cuts: list[int], width: int) -> None:
    text = " ".join(words)
    ends = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]
    expected = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    assert wrapped(width, *pieces) == "\n".join(expected)
