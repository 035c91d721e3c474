"""Shards of OpenAI batch files: split, run anywhere, merged and checked."""

from __future__ import annotations

import contextlib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from app.batch.formats.lines import objects_in
from app.batch.formats.openai import rows
from app.batch.rows import BadRow, Question
from app.errors import BadRequest

RESULTS = ".results.jsonl"
OK = 200


def shard_files(folder: Path) -> list[Path]:
    """The shards in a folder, without their results.

    Raises:
        BadRequest: there are none.
    """
    found = sorted(p for p in folder.glob("shard-*.jsonl") if not p.name.endswith(RESULTS))
    if not found:
        raise BadRequest(f"there are no shards in {folder}", hint="Make them:  swath batch split")
    return found


def results_of(shard: Path) -> Path:
    """Where a shard's results belong."""
    return shard.with_name(shard.name.removesuffix(".jsonl") + RESULTS)


def split(source: Path, folder: Path, shards: int) -> list[int]:
    """Writes the requests into shards and returns how many are in each.

    All requests on one picture go to one shard, so that a server's prefix cache helps.

    Raises:
        BadRequest: there are shards already, or a line is no request.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("shard-*")):
        raise BadRequest(f"there are shards in {folder} already", hint="Name another folder.")
    for row in rows(source):
        if isinstance(row, BadRow):
            raise BadRequest(f"{source.name}, line {row.line}: {row.message}")
    counts = [0] * shards
    with contextlib.ExitStack() as stack:
        files = [
            stack.enter_context((folder / f"shard-{n:05}-of-{shards:05}.jsonl").open("wb"))
            for n in range(1, shards + 1)
        ]
        for (_, found), row in zip(objects_in(source), rows(source), strict=True):
            key = (isinstance(row, Question) and row.image) or row.id
            at = zlib.crc32(key.encode("utf-8", "surrogatepass")) % shards
            files[at].write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
            counts[at] += 1
    return counts


def merge(out: Path, results: Sequence[Path]) -> tuple[int, int]:
    """Writes one result a custom_id, an answer before an error; how many, and how many doubles.

    Raises:
        BadRequest: a file is missing, or a line is no result.
    """
    answered: set[int] = set()
    failed: set[int] = set()
    doubles = 0
    new = out.with_name(out.name + ".new")
    with new.open("wb") as file:
        for wanted in (True, False):
            for found in _results(results):
                if is_answer(found) != wanted:
                    continue
                mark = hash(found["custom_id"])
                if mark in answered or mark in failed:
                    doubles += 1
                    continue
                (answered if wanted else failed).add(mark)
                file.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
    new.replace(out)
    return len(answered) + len(failed), doubles


def report(requests: Path, results: Sequence[Path]) -> dict[str, Any]:
    """What became of the requests: counts, failures by code, tokens.

    Raises:
        BadRequest: a file is missing, or a line is no result.
    """
    asked = {hash(row.id) for row in rows(requests)}
    answered: set[int] = set()
    failures: dict[int, str] = {}
    tokens: Counter[str] = Counter()
    doubled = unknown = 0
    for found in _results(results):
        mark = hash(found["custom_id"])
        unknown += mark not in asked
        if not is_answer(found):
            failures[mark] = _code(found)
        elif mark in answered:
            doubled += 1
        else:
            answered.add(mark)
            usage = found["response"]["body"].get("usage") or {}
            tokens.update({k: v for k, v in usage.items() if isinstance(v, int)})
    failed = {mark: code for mark, code in failures.items() if mark not in answered}
    return {
        "requests": len(asked),
        "answered": len(answered & asked),
        "failed": len(asked.intersection(failed)),
        "missing": len(asked - answered - failed.keys()),
        "doubled": doubled,
        "unknown": unknown,
        "failures": dict(Counter(failed.values()).most_common()),
        "tokens": {name: count for name, count in tokens.items() if count},
    }


def is_answer(found: dict[str, Any]) -> bool:
    """Whether a line of results holds an answer."""
    response = found.get("response") or {}
    return response.get("status_code") == OK and not found.get("error")


def _code(found: dict[str, Any]) -> str:
    error = found.get("error") or {}
    status = (found.get("response") or {}).get("status_code")
    said = error.get("code") if isinstance(error, dict) else None
    return str(said or (f"http_{status}" if status else "no_answer"))


def _results(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in files:
        if not path.is_file():
            raise BadRequest(f"there is no file {path}")
        for number, found in objects_in(path):
            if isinstance(found, str) or not isinstance(found.get("custom_id"), str):
                raise BadRequest(f"{path.name}: line {number} is no result of a batch")
            yield found
