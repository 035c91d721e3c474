"""JSONL and CSV: `id`, `image`, `query`, and where the caller decides, `task` and `vqa_type`."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import orjson

from app.batch.formats.form import Form
from app.batch.formats.records import record, seen
from app.batch.results import records_in
from app.batch.rows import BadRow, Question, Row, unnamed
from app.errors import BadRequest
from app.routing import Task, VqaType

LONGEST_LINE = 64 * 1024 * 1024  # as the services take at most
BLOCK = 1 << 20
ASKED = ("query", "question", "image")
COLUMNS = (
    "line", "id", "image", "query", "status", "answer", "task", "vqa_type", "method", "engine",
    "model", "ms", "attempts", "error", "retryable",
)  # fmt: skip


def objects_in(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """The objects of a JSONL file with their line numbers, or what is wrong with a line."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := file.readline(BLOCK)) and not rest.endswith(b"\n"):
                    pass
                yield number, f"the line is longer than {LONGEST_LINE:,} bytes"
            elif line.strip():
                yield number, _object(line)


def is_utf16(path: Path) -> bool:
    """Whether a file begins as UTF-16 does."""
    with path.open("rb") as file:
        return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        found = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        return f"no JSON: {error}"
    return found if isinstance(found, dict) else "no JSON object"


def lines_in(path: Path) -> int:
    """How many lines are not blank, about: read in blocks."""
    count, ended = 0, True
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            count += block.count(b"\n") - block.count(b"\n\n")
            ended = block.endswith(b"\n")
    return count + (not ended)


def jsonl_rows(path: Path) -> Iterator[Row]:
    """The rows of a JSONL file."""
    for number, found in objects_in(path):
        if isinstance(found, str):
            yield BadRow(number, unnamed(number), found)
        else:
            yield row_of(number, found)


def csv_rows(path: Path) -> Iterator[Row]:
    """The rows of a CSV file with a header; a row is named by the line that it ends on."""
    with _csv(path) as reader:
        try:
            for cells in reader:
                known = {k: v for k, v in cells.items() if isinstance(v, str) and v.strip()}
                yield row_of(reader.line_num, known)
        except csv.Error as error:
            number = reader.line_num
            yield BadRow(number, unnamed(number), f"no CSV: {error}")


def check_columns(path: Path) -> None:
    """Looks at the header of a CSV file.

    Raises:
        BadRequest: it names neither questions nor images.
    """
    with _csv(path) as reader:
        names = reader.fieldnames or ()
        if names and not set(ASKED) & set(names):
            raise BadRequest(
                f"{path.name} has no column `query` or `image`, but {', '.join(names)[:200]}",
                hint="The first line names the columns:  id,image,query",
            )


@contextlib.contextmanager
def _csv(path: Path) -> Iterator[csv.DictReader[str]]:
    """As spreadsheets write it: UTF-16 too, and semicolons where a comma is the decimal point."""
    encoding = "utf-16" if is_utf16(path) else "utf-8-sig"
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        header = file.readline(BLOCK)
        file.seek(0)
        yield csv.DictReader(file, delimiter=max(",;\t", key=header.count))


def row_of(number: int, found: Mapping[str, Any]) -> Row:
    """An object as a question, or what is wrong with it."""
    name = str(found["id"]) if found.get("id") not in (None, "") else unnamed(number)
    wrong = _wrong_with(found)
    if wrong:
        return BadRow(number, name, wrong)
    metres = found.get("spatial_resolution_m")
    return Question(
        number,
        name,
        query=found.get("query") or found.get("question") or "",
        image=found.get("image") or None,
        task=found.get("task") or None,
        vqa_type=found.get("vqa_type") or None,
        metres_per_px=float(metres) if metres else None,
    )


def _wrong_with(found: Mapping[str, Any]) -> str | None:
    for name in ASKED:
        if not isinstance(found.get(name) or "", str):
            return f"`{name}` is no text"
    if not any(found.get(name) for name in ASKED):
        return "neither `query` nor `image` is given"
    choices: dict[str, tuple[str, ...]] = {"task": get_args(Task), "vqa_type": get_args(VqaType)}
    for name, known in choices.items():
        if found.get(name) and found[name] not in known:
            return f"`{name}` is {found[name]!r:.40}, not one of {', '.join(known)}"
    try:
        positive = float(found.get("spatial_resolution_m") or 1) > 0
    except (TypeError, ValueError):
        positive = False
    return None if positive else "`spatial_resolution_m` is no number of metres"


def as_csv(_source: Path, records: Path, out: Path) -> None:
    """The records as a CSV file, in the order of the input's lines."""
    places = [(found["line"], at) for at, found in enumerate(_each(records))]
    order = {at: rank for rank, (_, at) in enumerate(sorted(places))}
    rows: list[str] = [""] * len(order)
    for at, found in enumerate(_each(records)):
        rows[order[at]] = _csv_line(found)
    new = out.with_name(out.name + ".new")
    new.write_text(",".join(COLUMNS) + "\r\n" + "".join(rows), encoding="utf-8", newline="")
    new.replace(out)


def _each(records: Path) -> Iterator[dict[str, Any]]:
    return (found for _, found in records_in(records))


def _csv_line(found: dict[str, Any]) -> str:
    error = found.get("error") or {}
    flat = {**found, "error": error.get("message"), "retryable": error.get("retryable")}
    line = io.StringIO(newline="")
    csv.writer(line).writerow([_harmless(flat.get(name)) for name in COLUMNS])
    return line.getvalue()


def _harmless(value: object) -> object:
    """A spreadsheet would take such a text for a formula."""
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value


JSONL = Form("jsonl", ".jsonl", jsonl_rows, lines_in, record, seen)
CSV = Form(
    "csv", ".csv", csv_rows, lambda path: sum(1 for _ in csv_rows(path)), record, seen, as_csv
)
