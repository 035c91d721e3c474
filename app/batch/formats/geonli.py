"""The ISRO GeoNLI tree: an image with up to five questions, answered as the same tree.

    {"input_image": {"image_id", "image_url", "metadata": {"width", "height",
                     "spatial_resolution_m"}},
     "queries": {"caption_query": {"instruction"}, "grounding_query": {"instruction"},
                 "attribute_query": {"binary": {...}, "numeric": {...}, "semantic": {...}}}}

A file holds one tree, a list of them, or one a line. `spatial_resolution_m` is taken for the
image's ground sample distance. Boxes are not available: `grounding_query` is answered with null.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from app.batch.formats.form import Form
from app.batch.formats.lines import objects_in
from app.batch.formats.records import record, seen
from app.batch.results import records_in
from app.batch.rows import BadRow, Question, Row
from app.batch.short import number_in, yes_or_no_in
from app.state import TaskName, VqaType

Place = tuple[str, ...]
ASKED: Mapping[Place, tuple[TaskName, VqaType | None]] = {
    ("caption_query",): ("captioning", None),
    ("attribute_query", "binary"): ("vqa", "yesno"),
    ("attribute_query", "numeric"): ("vqa", None),
    ("attribute_query", "semantic"): ("vqa", None),
}
GROUNDING = ("grounding_query",)
WORDS = ("instruction", "query", "question", "text")


def trees_in(path: Path) -> list[dict[str, Any] | str]:
    """The trees of a file, or what is wrong with one."""
    data = path.read_bytes()
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return [tree for _, tree in objects_in(path)]
    trees = found if isinstance(found, list) else [found]
    return [tree if isinstance(tree, dict) else "no JSON object" for tree in trees]


def rows(path: Path) -> Iterator[Row]:
    """The questions of a file, numbered through all its trees."""
    numbers = itertools.count(1)
    for at, tree in enumerate(trees_in(path), 1):
        if isinstance(tree, str) or not isinstance(tree.get("queries"), dict):
            wrong = tree if isinstance(tree, str) else "`queries` is missing"
            yield BadRow(next(numbers), f"tree-{at}", wrong)
            continue
        image, name, metres = _image_of(tree, at)
        for place in asked_in(tree):
            task, vqa_type = ASKED[place]
            yield Question(
                next(numbers), f"{name}/{place[-1]}", _words(_at(tree["queries"], place)), image,
                task, vqa_type, metres,
            )  # fmt: skip


def asked_in(tree: dict[str, Any]) -> list[Place]:
    """Where a tree asks something, in a fixed order."""
    return [place for place in ASKED if _words(_at(tree["queries"], place))]


def answered(source: Path, records: Path, out: Path) -> None:
    """Writes the trees with a `response` in each of their questions."""
    answers = {found["line"]: found for _, found in records_in(records)}
    numbers = itertools.count(1)
    done = [_answered(copy.deepcopy(tree), answers, numbers) for tree in trees_in(source)]
    alone = len(done) == 1 and not source.read_bytes().lstrip().startswith(b"[")
    body = orjson.dumps(done[0] if alone else done, option=orjson.OPT_INDENT_2)
    new = out.with_name(out.name + ".new")
    new.write_bytes(body + b"\n")
    new.replace(out)


def _answered(
    tree: dict[str, Any] | str, answers: Mapping[int, dict[str, Any]], numbers: Iterator[int]
) -> Any:
    if isinstance(tree, str) or not isinstance(tree.get("queries"), dict):
        return {"error": answers.get(next(numbers), {}).get("error")}
    queries = tree["queries"]
    for place in asked_in(tree):
        _put(queries, place, response_of(place, answers.get(next(numbers), {})))
    if _at(queries, GROUNDING) is not None:
        _put(queries, GROUNDING, {"response": None})
    return tree


def response_of(place: Place, found: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one question: of a binary one Yes or No, of a numeric one its number."""
    words = found.get("answer")
    if found.get("status") != "answered" or not words:
        why = words or (found.get("error") or {}).get("message")
        return {"response": None, **({"note": why} if why else {})}
    if place[-1] == "binary":
        return {"response": {"yes": "Yes", "no": "No"}.get(yes_or_no_in(words) or "", words)}
    if place[-1] == "numeric":
        number = number_in(words)
        return {"response": words if number is None else number}
    return {"response": words}


def _put(queries: dict[str, Any], place: Place, response: dict[str, Any]) -> None:
    *path, last = place
    for step in path:
        queries = queries[step]
    asked = queries[last]
    queries[last] = {**(asked if isinstance(asked, dict) else {"instruction": asked}), **response}


def _at(queries: Any, place: Place) -> Any:
    for step in place:
        queries = queries.get(step) if isinstance(queries, dict) else None
    return queries


def _words(asked: Any) -> str:
    if isinstance(asked, dict):
        asked = next((asked[name] for name in WORDS if asked.get(name)), "")
    return asked.strip() if isinstance(asked, str) else ""


def _image_of(tree: dict[str, Any], at: int) -> tuple[str | None, str, float | None]:
    given = tree.get("input_image")
    image = given if isinstance(given, dict) else {}
    metadata = image.get("metadata")
    metres = metadata.get("spatial_resolution_m") if isinstance(metadata, dict) else None
    known = isinstance(metres, int | float) and not isinstance(metres, bool) and metres > 0
    url = image.get("image_url")
    name = str(image.get("image_id") or f"tree-{at}")
    return url if isinstance(url, str) else None, name, float(metres) if known and metres else None


GEONLI = Form(
    "geonli", ".json", rows, lambda path: sum(1 for _ in rows(path)), record, seen, answered
)
