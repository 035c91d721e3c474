"""A second opinion on a clause whose rule is weak: learned from labelled queries.

A logistic regression over the words, pairs of words and letter groups of a clause. It is trained
offline by `python -m training.router` and shipped as plain numbers in `opinion.json`; reading them
takes nothing but the standard library.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from array import array
from base64 import b64decode
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from app.routing.plan import Task, VqaType

BUCKETS = 8192
LETTERS = (3, 4)  # sizes of the groups of letters
MOST_WORDS = 80
FILE = Path(__file__).with_name("opinion.json")

_WORD = re.compile(r"\w+|\?")


@dataclass(frozen=True, slots=True)
class Opinion:
    """The likeliest route of a clause; `probability` is the model's own, 0 to 1."""

    task: Task
    vqa_type: VqaType | None
    probability: float


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Weights by bucket and route (8-bit, to be multiplied by `scale`), and a bias by route."""

    routes: tuple[tuple[Task, VqaType | None], ...]
    bias: tuple[float, ...]
    scale: float
    weights: array[int]


def opinion(text: str) -> Opinion:
    """What a clause in lower case and plain spelling asks for, to those who labelled others."""
    numbers = _numbers()
    found = buckets(text)
    width = len(numbers.routes)
    sums = [0] * width
    for bucket in found:
        row = bucket * width
        for route in range(width):
            sums[route] += numbers.weights[row + route]
    share = numbers.scale / math.sqrt(len(found))
    scores = [one * share + bias for one, bias in zip(sums, numbers.bias, strict=True)]
    best = max(range(width), key=scores.__getitem__)
    total = sum(math.exp(score - scores[best]) for score in scores)
    return Opinion(*numbers.routes[best], 1 / total)


def buckets(text: str) -> set[int]:
    """The features of a clause as numbers below `BUCKETS`; never empty."""
    words = ["^", *_WORD.findall(text)[:MOST_WORDS]]
    found = {f"w{word}" for word in words}
    found.update(f"w{first} {second}" for first, second in pairwise(words))
    for word in words[1:]:
        padded = f" {word} "
        for size in LETTERS:
            ends = range(size, max(len(padded), size) + 1)
            found.update(padded[end - size : end] for end in ends)
    return {zlib.crc32(feature.encode()) % BUCKETS for feature in found}


@cache
def _numbers() -> _Numbers:
    made = json.loads(FILE.read_text(encoding="utf-8"))
    routes = tuple((task, vqa_type) for task, vqa_type in made["routes"])
    weights = array("b", b64decode(made["weights"]))
    return _Numbers(routes, tuple(made["bias"]), made["scale"], weights)
