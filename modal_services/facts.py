"""Facts about a picture, as the first line of a question: words for a VLM, parsed by `measure`.

    About the image: 2048 x 2048 px; shows bands 1, 2, 3 of 6.
    How much of it is water?

A picture is scaled down before it is sent, so that only such a line can tell how large the scene
is, and what was done to make it visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LINE = re.compile(r"About the image: (\d+) x (\d+) px((?:; [^\n;]+)*)\.(?:\n+|$)")


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of the scene that a picture was made from.

    Attributes:
        width_px: of the scene.
        height_px: of the scene.
        notes: what was done to make it visible.
    """

    width_px: int
    height_px: int
    notes: tuple[str, ...] = ()


def told(facts: PictureFacts, question: str) -> str:
    """The question with the facts before it."""
    notes: Iterable[str] = (" ".join(note.replace(";", ",").split()) for note in facts.notes)
    listed = "".join(f"; {note}" for note in notes)
    return f"About the image: {facts.width_px} x {facts.height_px} px{listed}.\n{question}"


def heard(text: str) -> tuple[PictureFacts | None, str]:
    """The facts before a question, if there are any, and the question."""
    match = _LINE.match(text)
    if match is None:
        return None, text
    notes = tuple(note for note in match[3].split("; ") if note)
    return PictureFacts(int(match[1]), int(match[2]), notes), text[match.end() :]
