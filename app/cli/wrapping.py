"""Words that come in pieces, in lines that break between words."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len

# A line's end, blanks, a character of a script that breaks anywhere, a word (with no-break spaces).
_WIDE = "\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef"
_TOKENS = re.compile(rf"\n|[ \t]+|[{_WIDE}]|[^ \t\n{_WIDE}]+")
_WHOLE = re.compile(rf"[ \t\n{_WIDE}]")


class Wrapping:
    """Writes words to a terminal as soon as they are whole.

    Args:
        write: takes text.
        width: columns of the terminal; 0 where it is none, which breaks no line.
    """

    def __init__(self, write: Callable[[str], object], width: int) -> None:
        self._write, self._width = write, width
        self._column, self._blanks, self._word = 0, "", ""

    def add(self, text: str) -> None:
        """More words; the last may go on in the next piece."""
        if not self._width:
            self._write(text)
            return
        tokens = _TOKENS.findall(self._word + text)
        last = tokens[-1] if tokens else ""
        self._word = "" if _WHOLE.match(last) else last
        written = "".join(map(self._placed, tokens[:-1] if self._word else tokens))
        if written:
            self._write(written)

    def end(self) -> None:
        """Writes what is left of the last word."""
        if self._word:
            self._write(self._placed(self._word))
            self._word = ""

    def _placed(self, words: str) -> str:
        if words == "\n":
            self._column, self._blanks = 0, ""
            return words
        if words[0] in " \t":
            self._blanks += words
            return ""
        blanks, self._blanks = self._blanks, ""
        columns = cell_len(blanks) + cell_len(words)
        if self._column and self._column + columns > self._width:
            self._column = cell_len(words)
            return f"\n{words}"
        self._column += columns
        return blanks + words
