from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.routing import Plan, plan

OURS = Path(__file__).with_name("queries.jsonl")
ACCEPTED = {"grounding-or-other": ("grounding", "other"), "off-topic": ("off_topic",)}
RSVQA = {
    "presence": "yesno",
    "comparison": "yesno",
    "count": "counting",
    "area": "area",
    "rural_urban": "general",
}


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def planned(row: dict[str, Any]) -> Plan:
    return plan(row["query"], has_image=True, history=row.get("history", ()))


def right(row: dict[str, Any], found: Plan) -> bool:
    accepted = ACCEPTED.get(row["task"], (row["task"],))
    return any(one.task in accepted and one.vqa_type == row["vqa_type"] for one in found.tasks)


def test_our_labelled_queries_are_routed_as_labelled() -> None:
    rows = rows_of(OURS)
    wrong = [row["query"] for row in rows if not right(row, planned(row))]
    assert len(wrong) <= len(rows) * 0.01, wrong


def test_several_intents_are_planned_as_labelled() -> None:
    for row in (row for row in rows_of(OURS) if "tasks" in row):
        found = planned(row)
        assert len(found.tasks) == len(row["tasks"]), row["query"]


def test_nothing_off_topic_reaches_a_model() -> None:
    rows = [row for row in rows_of(OURS) if row["task"] == "off-topic"]
    assert [row["query"] for row in rows if planned(row).asks_model] == []


def test_the_shared_queries_are_routed_well(shared_data: Path) -> None:
    rows = rows_of(shared_data / "queries.dev.jsonl")
    found = [(row, planned(row)) for row in rows]
    assert sum(right(*one) for one in found) / len(rows) >= 0.95
    assert sum(not one.unsure for _, one in found) / len(rows) >= 0.85
    talk = [one for row, one in found if row["task"] == "off-topic"]
    assert not any(one.asks_model for one in talk)


@pytest.mark.timeout(120)
def test_the_questions_of_rsvqa_have_their_kind(shared_data: Path) -> None:
    rows = rows_of(shared_data / "imagery" / "labels_rsvqa_full.jsonl")
    kinds = {row["question"]: RSVQA[row["vqa_type"]] for row in rows}
    wrong = [
        question
        for question, kind in kinds.items()
        if [one.vqa_type for one in plan(question, has_image=True).tasks] != [kind]
    ]
    assert len(wrong) <= len(kinds) * 0.01, wrong[:10]
