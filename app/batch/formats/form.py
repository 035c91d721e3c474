"""What every format gives the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.batch.rows import Result, Row, Status

FormName = Literal["jsonl", "csv", "openai", "geonli"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a record of an earlier run tells: whose it is, and whether to ask again."""

    line: int
    mark: str
    status: Status
    code: str | None = None
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A format.

    Attributes:
        name: as --format takes it.
        suffix: of files of results.
        rows: reads the input; a line that is no question is a `BadRow`, never an error.
        count: how many rows there are, without reading them all into memory.
        record: a result as the line that is written.
        seen: a record that was read again; None where it is none of this format.
        assemble: (input, records, output): for formats that are no lines, makes the output of the
            records once all is done.
    """

    name: FormName
    suffix: str
    rows: Callable[[Path], Iterator[Row]]
    count: Callable[[Path], int]
    record: Callable[[Row, Result], dict[str, Any]]
    seen: Callable[[dict[str, Any]], Seen | None]
    assemble: Callable[[Path, Path, Path], None] | None = None
