"""Questions with their true answers, and whether an answer is right."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.prompts import facts_of
from imagery import ImageRef, Limits, Picture
from imagery.decode import decode
from imagery.errors import ImageryError
from imagery.prepare import prepared
from imagery.reading import Reading
from modal_services.engine import Reply
from modal_services.facts import PictureFacts
from training.tiles import find_tiles

LABELS = "labels.jsonl"
NOISY = "OSM-derived, unchecked"
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Row:
    """One question on one picture.

    Attributes:
        index: of a UC Merced tile, which tells its block; None of any other picture.
        label: the true answer and how it is compared.
        kind: under which the answer is counted.
    """

    name: str
    index: int | None
    picture: Picture
    facts: PictureFacts | None
    question: str
    kind: str
    label: Mapping[str, Any]


@dataclass(slots=True)
class Counted:
    """How often something was asked, answered, and answered right."""

    asked: int = 0
    answered: int = 0
    right: int = 0


@dataclass(slots=True)
class Table:
    """Counts by intent, and by kind of claim."""

    intents: dict[str, Counted] = field(default_factory=lambda: defaultdict(Counted))
    claims: dict[str, Counted] = field(default_factory=lambda: defaultdict(Counted))
    wrong: list[str] = field(default_factory=list)

    def count(self, row: Row, found: Mapping[str, Any] | None, reply: Reply) -> None:
        """One more answer."""
        each = self.intents[row.kind]
        each.asked += 1
        answered = bool(reply.detail["answered"])
        if not answered or (found is None and row.kind != "captioning"):
            return
        right = is_right(row.label, found or {}, reply.text)
        each.answered += 1
        each.right += right
        claim = (found or {}).get("claim")
        if claim:
            self.claims[claim].asked += 1
            self.claims[claim].answered += 1
            self.claims[claim].right += right
        if not right:
            true = row.label.get("answer", row.label.get("tile"))
            self.wrong.append(f"{row.name} | {row.question[:60]} | {reply.text[:90]} | {true}")


def labelled_rows(imagery: Path) -> Iterator[Row]:
    """The strict rows that ask something, with what the agent would tell of each picture."""
    for line in (imagery / LABELS).read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        if label["quality"] == NOISY or not label["question"] or label["task"] == "hostile":
            continue
        path = imagery / label["file"]
        seen = shown(path)
        if seen is None:
            continue
        match = re.fullmatch(r"[a-z]+(\d\d)", path.stem)
        index = int(match[1]) if match and "ucm" in path.parts else None
        kind = label["vqa_type"] or label["task"]
        yield Row(label["file"], index, *seen, label["question"], kind, label)


@lru_cache(maxsize=4)
def shown(path: Path) -> tuple[Picture, PictureFacts] | None:
    """A picture as the engine gets it from the agent, with its facts; None: it cannot be shown."""
    try:
        made = prepared(path.read_bytes(), LIMITS, Reading(name=path.name))
    except ImageryError:
        return None
    ref = ImageRef(
        sha256="0" * 64,
        mime=made.mime,
        width_px=made.width_px,
        height_px=made.height_px,
        bytes=1,
        source=path.name,
        notes=made.notes,
        facts=made.facts,
    )
    return decode(made.picture, LIMITS), facts_of(ref)


# What every tile is asked, and which of its truths answers it.
TILE_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("What kind of scene is this?", "scene"),
    ("Is it rural or urban?", "settlement"),
    ("Is there water in the image?", "water"),
    ("Is there vegetation in the image?", "vegetation"),
    ("Is there built-up land in the image?", "built_up"),
    ("How much of the image is water?", "water"),
    ("How much of the image is vegetation?", "vegetation"),
    ("What is the main land cover?", "dominant"),
    ("Is there more water than vegetation?", "dominant"),
)


def tile_rows(folders: Iterable[Path]) -> Iterator[Row]:
    """Every question about every tile whose truth is known."""
    for tile in find_tiles(folders):
        picture = Picture(tile.pixels(), "image/jpeg")
        truth = {**tile.truth, "scene": tile.scene}
        for question, about in TILE_QUESTIONS:
            kind = f"{about}: {question}"
            if truth[about]:
                label = {"tile": truth[about], "about": about}
                yield Row(tile.name, tile.index, picture, None, question, kind, label)


def is_right(label: Mapping[str, Any], found: Mapping[str, Any], text: str) -> bool:
    """Whether an answer is the true one."""
    if "tile" in label:
        return _is_true_of_tile(label, found)
    if label.get("must_mention"):
        words = text.lower()
        said = all(any(word in words for word in group) for group in label["must_mention"])
        return said and not any(word in words for word in label.get("must_not_mention", ()))
    value, answer = found.get("value"), str(label["answer"])
    if answer == "custom WKT":  # a system of no register, which has a name at most
        return "EPSG" not in text
    if isinstance(value, int | float):
        return _is_near(value, label)
    if value in ("yes", "none found", "no"):
        return bool(value == "yes") == (answer == "yes")
    said_value = "x".join(map(str, value)) if isinstance(value, list) else str(value)
    return said_value == answer or bool(label.get("task") == "geo_meta" and answer in text)


def _is_near(value: float, label: Mapping[str, Any]) -> bool:
    try:
        wanted = float(label["answer"])
    except ValueError:  # "mostly cloudy?": a percentage answers it
        return bool((value > HALF_PERCENT) == (label["answer"] == "yes"))
    spare = label.get("tolerance_abs", abs(wanted) * label.get("tolerance", 0))
    return bool(abs(value - wanted) <= spare + 1e-9)


HALF_PERCENT = 50
_MOSTLY = {"vegetation": "vegetated", "built-up": "built", "water": "water"}


def _is_true_of_tile(label: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    value, true = found["value"], label["tile"]
    if label["about"] == "dominant":
        if found["intent"] == "larger":
            return bool(true == "built" or (value == "yes") == (true == "water"))
        return bool(_MOSTLY[str(value)] == true)
    if isinstance(value, int | float):
        return bool((value > 0) == (true == "present"))
    if value in ("yes", "none found"):
        return bool((value == "yes") == (true == "present"))
    return bool(value == true)
