"""Inputs and outputs of batches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.fakes import encoded

QUESTIONS = ("What is the size of the image?", "Is there water?", "How many cranes are there?")


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def written(path: Path, rows: Sequence[object]) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def tiles(folder: Path, count: int) -> list[str]:
    """Pictures of one colour each, by name."""
    names = []
    for number in range(count):
        pixels = np.full((24, 32, 3), (10 * number % 200, 90, 150), np.uint8)
        names.append(f"tile{number}.png")
        (folder / names[-1]).write_bytes(encoded(Image.fromarray(pixels)))
    return names


def questions(folder: Path, count: int, pictures: int = 4) -> Path:
    """A file of questions on a few pictures."""
    names = tiles(folder, pictures)
    rows = [
        {"id": f"q{n}", "image": names[n % pictures], "query": QUESTIONS[n % len(QUESTIONS)]}
        for n in range(count)
    ]
    return written(folder / "questions.jsonl", rows)


def requests_on_tiles(folder: Path, count: int, pictures: int = 4) -> Path:
    """OpenAI batch requests on a few pictures; `custom_id` is r0, r1, ..."""
    names = tiles(folder, pictures)

    def one(n: int) -> dict[str, Any]:
        image = {"type": "image_url", "image_url": {"url": names[n % pictures]}}
        words = {"type": "text", "text": QUESTIONS[n // pictures % len(QUESTIONS)]}
        body = {
            "model": "qwen-vqa-special",
            "messages": [{"role": "user", "content": [image, words]}],
        }
        url = "/v1/chat/completions"
        return {"custom_id": f"r{n}", "method": "POST", "url": url, "body": body}

    return written(folder / "requests.jsonl", [one(n) for n in range(count)])
