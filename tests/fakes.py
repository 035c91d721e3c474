"""Stand-ins that are passed in: nothing is ever patched."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from PIL import Image

from imagery import Picture
from modal_services.engine import (
    Delta,
    EngineHealth,
    EngineState,
    Prompt,
    Reply,
    Usage,
    in_one_piece,
)


def png(width: int = 64, height: int = 48) -> bytes:
    """A picture that grows brighter to the right."""
    row = np.linspace(40, 200, width, dtype=np.uint8)
    rgb = np.stack([row // 2, row, 255 - row], axis=1)
    return encoded(Image.fromarray(np.repeat(rgb[None], height, axis=0)))


def noise_png(bytes_at_least: int) -> bytes:
    """A picture that does not compress, so that its file is as large as asked."""
    side = int((bytes_at_least / 3) ** 0.5) + 16
    pixels = np.random.default_rng(7).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def data_uri(data: bytes | None = None, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data or png()).decode()}"


def completion(text: str = "Three ships.", **extra: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "a-vlm",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
        **extra,
    }


Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class FakeService:
    """An upstream that answers from a queue, its last step for ever, and remembers what it got."""

    steps: Sequence[Step] = field(default_factory=lambda: [httpx.Response(200, json=completion())])
    requests: list[httpx.Request] = field(default_factory=list)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._answer)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests if request.content]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        step = self.steps[min(len(self.requests), len(self.steps) - 1)]
        self.requests.append(request)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx.Response):
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        return step(request)


@dataclass
class ScriptedEngine:
    """An engine that answers from a queue, its last step for ever, and remembers the prompts."""

    steps: Sequence[Reply | Exception] = field(
        default_factory=lambda: [Reply("Three ships.", usage=Usage(7, 3))]
    )
    prompts: list[Prompt] = field(default_factory=list)
    name: str = "scripted"
    model_id: str | None = None
    aliases: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    state: EngineState = "ready"
    closed: bool = False

    async def chat(self, prompt: Prompt) -> Reply:
        step = self.steps[min(len(self.prompts), len(self.steps) - 1)]
        self.prompts.append(prompt)
        if isinstance(step, Exception):
            raise step
        return step

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        async for delta in in_one_piece(await self.chat(prompt)):
            yield delta

    async def health(self) -> EngineHealth:
        return EngineHealth(self.state)

    async def aclose(self) -> None:
        self.closed = True


class Clock:
    """A clock that moves only when someone sleeps on it."""

    def __init__(self) -> None:
        self.time_s = 1000.0
        self.slept_s: list[float] = []

    def now(self) -> float:
        return self.time_s

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.time_s += seconds


def picture(width: int = 32, height: int = 24, *, noisy: bool = False) -> Picture:
    """A decoded picture: of one colour, or green with noise."""
    rgb = np.full((height, width, 3), (40, 120, 50), np.uint8)
    if noisy:
        rgb = np.random.default_rng(7).integers(0, 120, rgb.shape, np.uint8) + rgb // 2
    return Picture(rgb, "image/png")
