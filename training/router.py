"""Trains the router's second opinion: `python -m training.router`.

It learns from the labelled queries beside the tests and from `phrases.jsonl`, and writes
`app/routing/opinion.json`. The same files give the same numbers.
"""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.routing import plan
from app.routing.deciding import ROUTES
from app.routing.opinion import BUCKETS, FILE, buckets
from app.routing.words import plain

QUERIES = Path(__file__).parents[1] / "tests" / "app" / "routing" / "queries.jsonl"
PHRASES = Path(__file__).with_name("phrases.jsonl")
CLASSES = tuple(ROUTES.values())
STEPS, RATE, MOMENTUM, DECAY = 400, 6.0, 0.9, 3e-5

Values = NDArray[np.float64]


def main() -> None:
    """Trains on every labelled query of the given files, and writes the numbers."""
    parser = argparse.ArgumentParser(description="Trains the router's second opinion.")
    parser.add_argument("files", nargs="*", type=Path, default=[QUERIES, PHRASES])
    parser.add_argument("--without", nargs="*", default=[], help="splits that are left out")
    options = parser.parse_args()
    lines = (line for file in options.files for line in file.read_text("utf-8").splitlines())
    rows = [row for row in map(json.loads, lines) if row.get("split") not in options.without]
    FILE.write_text(json.dumps(trained(rows)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: {len(rows)} queries, {FILE.stat().st_size / 1000:.0f} kB\n")


def trained(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The numbers that `app.routing.opinion` reads; follow-ups are left out."""
    used = [row for row in rows if not row.get("history") and row["query"].strip()]
    texts = [plain(row["query"]) for row in used]
    wanted = np.eye(len(CLASSES))[[CLASSES.index(_route(row)) for row in used]]
    weights, bias = _fitted(_features(texts), wanted)
    scale = float(np.abs(weights).max()) / 127
    rounded = np.round(weights / scale).astype(np.int8)
    return {
        "routes": CLASSES,
        "bias": [round(float(one), 4) for one in bias],
        "scale": round(scale, 6),
        "weights": b64encode(rounded.tobytes()).decode(),
    }


def _route(row: dict[str, Any]) -> tuple[str, str | None]:
    """A label as a route; which image operation it is, the rules know better than the label."""
    if row["task"] == "grounding-or-other":
        marks = any(one.task == "grounding" for one in plan(row["query"], has_image=True).tasks)
        return ("grounding" if marks else "other"), None
    return row["task"].replace("-", "_"), row["vqa_type"]


def _features(texts: Sequence[str]) -> Values:
    """A row of unit length a text."""
    rows = np.zeros((len(texts), BUCKETS))
    for row, text in zip(rows, texts, strict=True):
        found = sorted(buckets(text))
        row[found] = 1 / np.sqrt(len(found))
    return rows


def _fitted(features: Values, wanted: Values) -> tuple[Values, Values]:
    """Weights (buckets by routes) and bias of a softmax regression, by gradient descent."""
    weights, bias = np.zeros((features.shape[1], wanted.shape[1])), np.zeros(wanted.shape[1])
    speed, bias_speed = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(STEPS):
        scores = features @ weights + bias
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = (odds / odds.sum(axis=1, keepdims=True) - wanted) / len(features)
        speed = MOMENTUM * speed - RATE * (features.T @ error + DECAY * weights)
        bias_speed = MOMENTUM * bias_speed - RATE * error.sum(axis=0)
        weights, bias = weights + speed, bias + bias_speed
    return weights, bias


if __name__ == "__main__":
    main()
