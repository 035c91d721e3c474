"""Whether one system is better than another on the same questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app.errors import BadRequest
from app.evaluation.statistics import mcnemar

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems on the items that both were asked; a refusal is not right."""

    name: str
    items: int
    first: int
    second: int
    only_first: int
    only_second: int
    p: float

    @property
    def verdict(self) -> str:
        """In words."""
        if self.p >= ALPHA:
            return "no significant difference"
        return (
            "the first is better" if self.only_first > self.only_second else "the second is better"
        )


def compare(first: Path, second: Path) -> list[Compared]:
    """The comparison over all items, then for each label.

    Raises:
        BadRequest: one is no report, or they have no items in common.
    """
    one, other = _verdicts(first), _verdicts(second)
    common = [key for key in one if key in other]
    if not common:
        raise BadRequest("the two reports have no questions in common")
    groups: dict[str, list[Any]] = defaultdict(list)
    for key in common:
        groups[one[key][0]].append(key)
    everything = _compared("all", common, one, other)
    parts = [_compared(name, keys, one, other) for name, keys in sorted(groups.items())]
    return [everything, *(parts if len(parts) > 1 else [])]


def _compared(
    name: str,
    keys: Sequence[Any],
    one: Mapping[Any, tuple[str, bool]],
    other: Mapping[Any, tuple[str, bool]],
) -> Compared:
    pairs = [(one[key][1], other[key][1]) for key in keys]
    only_first = sum(a and not b for a, b in pairs)
    only_second = sum(b and not a for a, b in pairs)
    return Compared(
        name,
        len(pairs),
        sum(a for a, _ in pairs),
        sum(b for _, b in pairs),
        only_first,
        only_second,
        mcnemar(only_first, only_second),
    )


def _verdicts(path: Path) -> dict[Any, tuple[str, bool]]:
    file = path / "report.json" if path.is_dir() else path
    try:
        cases = orjson.loads(file.read_bytes())["cases"]
        return {
            (case["image"], case["question"], tuple(case["expected"])): (
                case["label"],
                bool(case["right"]),
            )
            for case in cases
            if case["kind"] != "caption"
        }
    except (OSError, KeyError, TypeError, orjson.JSONDecodeError):
        raise BadRequest(f"{file} is no report of swath eval") from None
