"""The bodies of requests: the picture first, then words, so that a server's prefix cache helps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.services.vision import History


def question_body(
    model: str,
    image_url: str | None,
    text: str,
    max_tokens: int,
    temperature: float,
    history: History = (),
    probabilities: bool = False,
) -> dict[str, Any]:
    """A question about a picture, after what was said of it before.

    The picture stands in the first message, whatever comes after: each question of a thread then
    begins as the one before it did.
    """
    said = [*history, ("user", text)]
    image = [{"type": "image_url", "image_url": {"url": image_url}}] if image_url else []
    first = {"role": "user", "content": [*image, {"type": "text", "text": said[0][1]}]}
    rest = [{"role": role, "content": words} for role, words in said[1:]]
    body: dict[str, Any] = {
        "model": model,
        "messages": [first, *rest],
        "max_tokens": max_tokens,
        "temperature": temperature,
    }
    return {**body, **PROBABILITIES} if probabilities else body


PROBABILITIES = {"logprobs": True, "top_logprobs": 5}


def without_probabilities(body: dict[str, Any]) -> dict[str, Any]:
    """The same request, without what some servers refuse."""
    return {name: value for name, value in body.items() if name not in PROBABILITIES}


def choice_body(model: str, prompt: str, choices: Sequence[str]) -> dict[str, Any]:
    """A question of words alone whose answer is one of the choices."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": 16,
        "temperature": 0.0,
        "structured_outputs": {"choice": list(choices)},
    }
