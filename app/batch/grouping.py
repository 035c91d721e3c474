"""Lines near each other that ask of the same picture, together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.batch.rows import Question, Row

MOST_ROWS = 512
MOST_CHARACTERS = 16 * 1024 * 1024  # of data: URIs and requests in a window


def grouped(rows: Iterable[Row], most: int = MOST_ROWS) -> Iterator[Row]:
    """The same rows in an order that suits caches, a window at a time.

    A picture that was just decoded is asked about again, and a model server finds the picture's
    tokens in its prefix cache.
    """
    window: list[Row] = []
    size = 0
    for row in rows:
        window.append(row)
        size += _size(row)
        if len(window) >= most or size >= MOST_CHARACTERS:
            yield from _by_picture(window)
            window, size = [], 0
    yield from _by_picture(window)


def _by_picture(window: list[Row]) -> list[Row]:
    """The rows picture by picture, but the first of each in front of the last one's others.

    The first question on a picture takes longest, whoever answers: meanwhile there are others.
    """
    groups: dict[str, list[Row]] = {}
    for row in window:
        groups.setdefault(_picture(row), []).append(row)
    ordered: list[Row] = []
    others: list[Row] = []
    for first, *rest in groups.values():
        ordered += [first, *others]
        others = rest
    return ordered + others


def _picture(row: Row) -> str:
    image = row.image if isinstance(row, Question) else None
    return image or f"line {row.line}"


def _size(row: Row) -> int:
    if not isinstance(row, Question):
        return 0
    return len(row.image or "") + len(row.query) + (len(repr(row.body)) if row.body else 0)
