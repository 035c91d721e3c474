"""Data sets as items: our labels, RSVQA, VRSBench, and plain JSONL.

RSVQA (https://rsvqa.sylvainlobry.com): `*_questions.json` beside `*_answers.json`.
VRSBench (https://vrsbench.github.io): `VRSBench_EVAL_vqa.json` and `VRSBench_EVAL_Cap.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson

from app.batch.formats.lines import objects_in
from app.batch.short import WORDS
from app.errors import BadRequest
from app.evaluation.items import Item, Kind

DatasetName = Literal["labels", "rsvqa", "vrsbench", "jsonl"]
NOISY = "OSM-derived, unchecked"
NOT_ASKED = frozenset({"hostile"})
IMAGE_FOLDERS = ("Images_LR", "Images_HR", "Data", "Images_val", "images", "Images", ".")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\s*(?:m2|m²|%|m)?")


def read(path: Path, name: DatasetName | None = None) -> tuple[DatasetName, list[Item]]:
    """The items of a data set, in its order, and which kind of data set it is.

    Raises:
        BadRequest: it cannot be read as one.
    """
    if not path.is_file():
        raise BadRequest(f"there is no file {path}")
    try:
        if path.suffix.lower() == ".json":
            data = orjson.loads(path.read_bytes())
            name = name or ("rsvqa" if isinstance(data, dict) else "vrsbench")
            items = list(_rsvqa(path, data) if name == "rsvqa" else _vrsbench(data))
        else:
            rows = _rows(path)
            name = name or ("labels" if rows and "file" in rows[0][1] else "jsonl")
            items = list((_labels if name == "labels" else _generic)(rows))
    except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BadRequest(
            f"{path.name} cannot be read as {name or 'a data set'} ({reason})"
        ) from None
    if not items:
        raise BadRequest(f"{path.name} has no question with an answer")
    return name, items


def image_folder(path: Path, said: Path | None) -> Path:
    """Where a data set's images are, unless it is said: a folder of a usual name beside it."""
    if said:
        return said
    return next((path.parent / n for n in IMAGE_FOLDERS if (path.parent / n).is_dir()), path.parent)


def kind_of(references: Sequence[str], label: str, question: str) -> Kind:
    """How answers to a question with such a true answer are judged."""
    words = [reference.strip().lower() for reference in references]
    if all(word in ("yes", "no") for word in words):
        return "yesno"
    asked = re.search(r"how many|number of|count", question, re.IGNORECASE)
    counted = bool(asked) or label in ("count", "object quantity")
    if all(_NUMBER.fullmatch(word) or (counted and word in WORDS) for word in words):
        return "count" if counted else "number"
    return "text"


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    for number, found in objects_in(path):
        if isinstance(found, str):
            raise BadRequest(f"{path.name}, line {number}: {found}")
        rows.append((number, found))
    return rows


def _labels(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Item]:
    for number, row in rows:
        if row["task"] in NOT_ASKED or not row.get("question"):
            continue
        label = str(row.get("vqa_type") or row["task"])
        answer, question = str(row["answer"]), row["question"]
        caption = row["task"] == "captioning"
        yield Item(
            number,
            f"line-{number}",
            row["file"],
            question,
            (answer,),
            "caption" if caption else kind_of([answer], label, question),
            "caption" if caption else label,
            row.get("tolerance"),
            row.get("tolerance_abs"),
            tuple(tuple(group) for group in row.get("must_mention") or ()),
            tuple(row.get("must_not_mention") or ()),
            noisy=row.get("quality") == NOISY,
        )


def _rsvqa(path: Path, data: Mapping[str, Any]) -> Iterator[Item]:
    if "questions" not in data:
        raise BadRequest(f"{path.name} holds no questions", hint="Name the file of the questions.")
    beside = path.with_name(path.name.replace("questions", "answers"))
    if beside == path or not beside.is_file():
        raise BadRequest(f"the answers of {path.name} are missing: {beside.name} belongs beside it")
    found = orjson.loads(beside.read_bytes())["answers"]
    answers = {each["id"]: str(each["answer"]) for each in found if each.get("active", True)}
    for number, row in enumerate(data["questions"], 1):
        known = [answers[one] for one in row.get("answers_ids") or () if one in answers]
        if not row.get("active", True) or not known:
            continue
        label, question = str(row.get("type") or "question"), row["question"]
        kind = kind_of(known, label, question)
        image = str(row.get("image") or _tile(path.parent, row["img_id"]))
        yield Item(number, str(row["id"]), image, question, tuple(known), kind, label, noisy=False)


def _tile(folder: Path, image_id: object) -> str:
    root = image_folder(folder / "x", None)
    found = (f"{image_id}{end}" for end in (".tif", ".png", ".jpg"))
    return next((name for name in found if (root / name).exists()), f"{image_id}.tif")


def _vrsbench(data: Sequence[Mapping[str, Any]]) -> Iterator[Item]:
    for number, row in enumerate(data, 1):
        label = str(row.get("type") or ("caption" if "caption" in row else "question")).lower()
        truth = row.get("ground_truth", row.get("caption"))
        known = tuple(str(each) for each in (truth if isinstance(truth, list) else [truth]))
        question = row.get("question") or "Describe the image in detail."
        name = str(row.get("question_id", row.get("ques_id", number)))
        caption = label in ("caption", "cap") or (label == "question" and len(known[0]) > 150)  # noqa: PLR2004
        kind: Kind = "caption" if caption else kind_of(known, label, question)
        yield Item(
            number, name, row["image_id"], question, known, kind, "caption" if caption else label
        )


def _generic(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Item]:
    for number, row in rows:
        truth = row.get("answers", row.get("answer"))
        known = tuple(str(each) for each in (truth if isinstance(truth, list) else [truth]))
        question = row.get("question") or row.get("query") or ""
        caption = row.get("task") == "captioning" or not question
        label = "caption" if caption else str(row.get("type") or row.get("vqa_type") or "question")
        yield Item(
            number,
            str(row.get("id") or f"line-{number}"),
            row["image"],
            question,
            known,
            "caption" if caption else kind_of(known, label, question),
            label,
            row.get("tolerance"),
            row.get("tolerance_abs"),
        )
