"""The real service over an engine that takes its time, in a process of its own; it counts.

`python -m benchmarks.turns.upstream PORT JOBS_FILE MILLISECONDS`
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import uvicorn

from modal_services.api import create_service
from modal_services.engine import Delta, EngineHealth, Prompt, Reply, Usage, in_one_piece
from modal_services.stores.sqlite import SqliteJobs

COUNTS = "/counts"
WORKERS = 32


class SlowEngine:
    """Answers with the number in the question, after up to so many seconds."""

    name = "slow"
    model_id: str | None = None
    aliases: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self.asked = 0

    async def chat(self, prompt: Prompt) -> Reply:
        """One answer."""
        self.asked += 1
        await asyncio.sleep(random.uniform(0, self._most_s))  # noqa: S311 - a delay
        number = re.search(r"lot (\S+)\?", prompt.question)
        return Reply(f"Three in lot {number[1] if number else '?'}.", usage=Usage(7, 3))

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        """The same."""
        async for delta in in_one_piece(await self.chat(prompt)):
            yield delta

    async def health(self) -> EngineHealth:
        """Always ready."""
        return EngineHealth("ready")

    async def aclose(self) -> None:
        """Nothing to close."""


class Counting:
    """ASGI middleware that counts submissions, and lets callers poll as soon as they like."""

    def __init__(self, app: Any, engine: SlowEngine) -> None:
        self._app = app
        self._engine = engine
        self._submits = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes on, or tells the counts."""
        if scope["type"] == "http" and scope["path"] == COUNTS:
            body = f'{{"submits": {self._submits}, "asked": {self._engine.asked}}}'.encode()
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        if scope["type"] == "http" and scope["path"].endswith("/async"):
            self._submits += 1

        async def impatient(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() != b"retry-after"]
                message = {**message, "headers": kept}
            await send(message)

        await self._app(scope, receive, impatient)


def main() -> None:
    """Serves until it is ended."""
    port, jobs, most_ms = int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    engine = SlowEngine(most_ms / 1000)
    service = create_service("slow", engine, SqliteJobs(jobs, workers=WORKERS, max_queued=10_000))
    uvicorn.run(Counting(service, engine), port=port, log_level="error")


if __name__ == "__main__":
    main()
