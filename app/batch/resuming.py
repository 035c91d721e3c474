"""What an earlier run has left: which lines have their result, and which are to be asked again."""

from __future__ import annotations

import os
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from app.batch.formats import Seen
from app.batch.results import ResultsTrouble, locked, records_in, repaired, rewritten
from app.batch.rows import BAD_ROW, Row
from app.batch.tally import Tally
from imagery.errors import BadReference

MENDABLE = frozenset({BAD_ROW, BadReference.code})  # nobody was asked, so nothing is asked twice
See = Callable[[dict[str, Any]], Seen | None]


class Done:
    """The lines that have their result: four bytes a line, however long its id is."""

    def __init__(self) -> None:
        self._ids = array("L")

    def add(self, line: int, mark: str) -> bool:
        """Notes a line; whether it is new."""
        if line >= len(self._ids):
            self._ids.extend([0] * (max(line + 1, 2 * len(self._ids)) - len(self._ids)))
        new = not self._ids[line]
        self._ids[line] = _mark(mark)
        return new

    def missing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that have no result yet.

        Raises:
            ResultsTrouble: a line has another id than its result says: the input has changed.
        """
        for row in rows:
            mark = self._ids[row.line] if row.line < len(self._ids) else 0
            if not mark:
                yield row
            elif mark != _mark(row.mark):
                raise ResultsTrouble(
                    f"line {row.line} of the input is {row.id!r:.60} now, and was another question "
                    "when it was answered",
                    hint="The input has changed: write to another file, or use --overwrite.",
                )


def resumed(path: Path, see: See, tally: Tally) -> Done:
    """Repairs a file of results and reads what it holds.

    A line that was cut short is removed, and so are failures that may succeed now: those that only
    time can mend, and lines and names of pictures that may have been put right since.

    Raises:
        ResultsTrouble: it is no file of results, or another batch writes to it.
    """
    lock = locked(path)
    try:
        repaired(path)
        done = Done()
        if not path.stat().st_size:
            return done
        rewritten(path, lambda found: not _is_to_be_asked_again(_read(see, found, path)))
        for _, found in records_in(path):
            seen = _read(see, found, path)
            if not done.add(seen.line, seen.mark):
                raise ResultsTrouble(f"{path.name}: line {seen.line} has two results")
            tally.found(seen.status, code=seen.code, retryable=seen.retryable)
        return done
    finally:
        os.close(lock)


def _read(see: See, found: dict[str, Any], path: Path) -> Seen:
    seen = see(found)
    if seen is None:
        raise ResultsTrouble(
            f"{path.name} has lines that are no results of such a batch",
            hint="Name the file that the batch wrote, or another one.",
        )
    return seen


def _is_to_be_asked_again(seen: Seen) -> bool:
    return seen.retryable or seen.code in MENDABLE


def _mark(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) or 1
