"""How well messages are routed, how fast, and how often without a model.

    python -m benchmarks.router [FILE] [--split dev] [--families]

FILE has one JSON object a line: query, task, vqa_type, and optionally history, tasks (several
intents, in order) and split. The task `grounding-or-other` accepts both, `off-topic` is
`off_topic`. A query of several intents is right when the labelled task is among the planned ones;
`tasks` asks for all of them in order. Without FILE it is the labelled set beside the tests.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.routing import Plan, PlannedTask, plan, route_name
from app.routing.reading import RULES

OURS = Path(__file__).parents[1] / "tests" / "app" / "routing" / "queries.jsonl"
ACCEPTED = {"grounding-or-other": ("grounding", "other"), "off-topic": ("off_topic",)}
FAMILY = {rule.name: rule.family for rule in RULES}
ROUNDS = 5
FEWEST = 1  # queries of a family, below which its precision is not given


@dataclass(frozen=True)
class Row:
    """A labelled query with its plan."""

    query: str
    task: str
    vqa_type: str | None
    wanted: tuple[tuple[str, str | None], ...]
    found: Plan
    microseconds: float

    @property
    def accepted(self) -> list[PlannedTask]:
        """The planned tasks that are what the label says."""
        return [one for one in self.found.tasks if _same(self.task, one)]

    @property
    def task_right(self) -> bool:
        """Whether the labelled task is among the planned ones."""
        return bool(self.accepted)

    @property
    def type_right(self) -> bool:
        """Whether the kind of question is right too."""
        return any(one.vqa_type == self.vqa_type for one in self.accepted)

    @property
    def all_right(self) -> bool:
        """Whether every intent was planned, in order, and nothing else."""
        pairs = zip(self.wanted, self.found.tasks, strict=False)
        kinds = all(_same(task, one) and kind == one.vqa_type for (task, kind), one in pairs)
        return len(self.wanted) == len(self.found.tasks) and kinds


def main() -> None:
    """Prints accuracy, times, the confusion table and what went wrong."""
    parser = argparse.ArgumentParser(description="How well messages are routed.")
    parser.add_argument("file", nargs="?", type=Path, default=OURS)
    parser.add_argument("--split", help="only the rows of this split")
    parser.add_argument("--families", action="store_true", help="the precision of rule families")
    options = parser.parse_args()
    lines = options.file.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    routed = [_routed(row) for row in rows if options.split in (None, row.get("split"))]
    if not routed:
        sys.exit("no such rows")
    _say("\n".join(summary(routed)))
    _say("\n".join(confusion(routed)))
    _say("\n".join(wrong(routed)))
    if options.families:
        _say("\n".join(families(routed)))


def _routed(row: dict[str, Any]) -> Row:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = plan(row["query"], has_image=True, history=row.get("history", ()))
        times.append((time.perf_counter() - began) * 1e6)
    wanted = tuple((task, kind) for task, kind in row.get("tasks", ()))
    task, kind = row["task"], row["vqa_type"]
    return Row(row["query"], task, kind, wanted, found, statistics.median(times))


def summary(rows: list[Row]) -> list[str]:
    """The figures, one a line."""
    questions = [row for row in rows if row.task == "vqa"]
    several = [row for row in rows if row.wanted]
    off_topic = [row for row in rows if row.task == "off-topic"]
    times = sorted(row.microseconds for row in rows)
    return [
        f"{len(rows)} queries",
        f"task right               {_share(row.task_right for row in rows)}",
        f"vqa_type right           {_share(row.type_right for row in questions)}",
        f"all intents, in order    {_share(row.all_right for row in several)}",
        f"decided without a model  {_share(not row.found.unsure for row in rows)}",
        f"off-topic to a model     {sum(row.found.asks_model for row in off_topic)}",
        f"median time of a query   {statistics.median(times):.0f} us",
        f"99th percentile          {times[int(len(times) * 0.99)]:.0f} us",
    ]


def confusion(rows: list[Row]) -> list[str]:
    """How often each label (a line) was routed where (a column)."""
    counts = Counter((_label(row), _routed_to(row)) for row in rows)
    labels = sorted({label for label, _ in counts})
    columns = sorted({column for _, column in counts})
    head = "labelled as \\ routed to"
    lines = ["", f"{head:<24}" + "".join(f"{column:>14}" for column in columns)]
    for label in labels:
        cells = (counts[label, column] or "." for column in columns)
        lines.append(f"{label:<24}" + "".join(f"{cell:>14}" for cell in cells))
    return lines


def wrong(rows: list[Row]) -> list[str]:
    """The queries whose task or kind is not as labelled."""
    missed = [
        row
        for row in rows
        if not row.task_right or not row.type_right or (row.wanted and not row.all_right)
    ]
    return ["", f"{len(missed)} not as labelled", *(_miss(row) for row in missed)]


def families(rows: list[Row]) -> list[str]:
    """The share of queries that each family of rules decided rightly."""
    of: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in rows:
        rule = row.found.rule
        family = "follow-up" if row.found.source == "history" else FAMILY.get(rule)
        if family:
            of[family] += 1
            right[family] += row.task_right and row.type_right
    found = [(name, right[name], of[name]) for name in sorted(of) if of[name] >= FEWEST]
    return [
        "",
        *(f'    "{name}": {good / all_:.2f},  # {good} of {all_}' for name, good, all_ in found),
    ]


def _same(label: str, one: PlannedTask) -> bool:
    return one.task in ACCEPTED.get(label, (label,))


def _label(row: Row) -> str:
    return f"{row.task}/{row.vqa_type}" if row.vqa_type else row.task


def _routed_to(row: Row) -> str:
    best = next((one for one in row.accepted if one.vqa_type == row.vqa_type), None)
    one = best or (row.accepted or row.found.tasks)[0]
    return route_name(one.task, one.vqa_type)


def _share(right: Iterable[bool]) -> str:
    found = list(right)
    return f"{sum(found) / len(found):.1%}  ({sum(found)} of {len(found)})" if found else "none"


def _miss(row: Row) -> str:
    shown = 70
    routes = ", ".join(route_name(one.task, one.vqa_type) for one in row.found.tasks)
    return f"  {row.query.strip()[-shown:]!r}: {_label(row)}, got {routes} ({row.found.rule})"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
