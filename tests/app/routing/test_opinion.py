from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from typing import Any

import pytest

from app.routing import plan
from app.routing.opinion import BUCKETS, buckets, opinion
from training.router import trained


@pytest.mark.parametrize(
    ("words", "task", "vqa_type"),
    [
        ("how many boats are there?", "vqa", "counting"),
        ("is there a bridge?", "vqa", "yesno"),
        ("what percentage is forest?", "vqa", "area"),
        ("what color is the roof?", "vqa", "general"),
        ("describe the scene", "captioning", None),
        ("who wrote hamlet?", "off_topic", None),
    ],
)
def test_plain_questions_are_known(words: str, task: str, vqa_type: str | None) -> None:
    said = opinion(words)
    assert (said.task, said.vqa_type) == (task, vqa_type)
    assert 0.5 < said.probability <= 1


def test_a_learned_route_says_so_and_claims_no_measured_confidence() -> None:
    found = plan("why are roads black", has_image=True)
    assert (found.source, found.rule) == ("learned", "like labelled queries")
    assert (found.tasks[0].task, found.confidence) == ("off_topic", None)


def test_a_sure_rule_is_not_overruled() -> None:
    found = plan("How many ships?", has_image=True)
    assert (found.source, found.rule) == ("rule", "how many")


@pytest.mark.parametrize("words", ["", "?", "🛰️", "a" * 100_000, "words " * 20_000])
def test_any_text_has_features_within_bounds(words: str) -> None:
    found = buckets(words)
    assert found
    assert max(found) < BUCKETS
    assert opinion(words).probability > 0


def test_training_on_the_same_queries_gives_the_same_numbers() -> None:
    rows: list[dict[str, Any]] = [
        {"query": "count the boats", "task": "vqa", "vqa_type": "counting"},
        {"query": "draw boxes", "task": "grounding-or-other", "vqa_type": None},
        {"query": "hello", "task": "off-topic", "vqa_type": None},
        {"query": "and planes?", "history": ["count"], "task": "vqa", "vqa_type": "counting"},
    ]
    made = trained(rows)
    assert made == trained(rows[:3])  # a follow-up says nothing by itself
    assert len(made["bias"]) == len(made["routes"])
    assert len(b64decode(made["weights"])) == BUCKETS * len(made["routes"])


def test_routing_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import app.routing as routing; "
        "routing.plan('why are roads black', has_image=True); "
        "loaded = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(loaded - sys.stdlib_module_names - {'app'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
