"""The real agent and client over a service that answers when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

from app.agent import Agent
from app.orchestrator import build_graph
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from app.services.threads import open_threads
from app.settings import Settings
from imagery.store import ImageStore
from tests.fakes import Clock, completion


@dataclass
class Upstream:
    """Answers with the question, at once or when it may; remembers what it was asked."""

    held: bool = False
    started: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    jobs_pend: bool = False
    failing: bool = False

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._answer)

    @property
    def submits(self) -> int:
        return self.paths.count("/async")

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/chat/completions")
        self.paths.append(path)
        if path == "/health":
            return httpx.Response(200, json={"status": "ok", "state": "ready"})
        if path == "/async":
            number = self.submits
            return httpx.Response(
                202, json={"call_id": f"fc-{number}", "status": "pending", "model": "m"}
            )
        if path.startswith("/status/"):
            self.started.set()
            if self.jobs_pend:
                return httpx.Response(202, json={"call_id": path[8:], "status": "pending"})
            return httpx.Response(200, json=completion(f"Answered {path[8:]}."))
        words = json.loads(request.content)["messages"][0]["content"][-1]["text"]
        self.asked.append(words)
        self.started.set()
        if self.failing:
            return httpx.Response(400, json={"error": "No."})
        if self.held:
            await self.may_answer.wait()
        return httpx.Response(200, json=completion(f"Answered {len(self.asked)}."))


@contextlib.asynccontextmanager
async def agent_over(
    settings: Settings, upstream: Upstream, *, jobs: bool = False
) -> AsyncIterator[Agent]:
    """One agent; several may be open over the same settings, as several processes would be."""
    clock = Clock()

    async def nap(seconds: float) -> None:
        await clock.sleep(seconds)
        await asyncio.sleep(0.01)

    endpoint = Endpoint(
        "http://vqa", "m", sync_limit_s=1 if jobs else 1000, transport=upstream.transport
    )
    async with (
        open_threads(settings.threads_place) as threads,
        ModalServiceClient(
            endpoint, endpoint, RetryPolicy(sleep=nap if jobs else clock.sleep), now=clock.now
        ) as vision,
    ):
        images = ImageStore(settings.data_dir / "images", settings.image_limits)
        yield Agent(build_graph(threads.checkpoints), images, vision, settings, threads)


async def said(agent: Agent, thread_id: str) -> list[str]:
    """The transcript: who said what."""
    messages = await agent.transcript(thread_id, limit=1000)
    assert [message.sequence for message in messages] == list(range(1, len(messages) + 1))
    return [f"{message.role}: {message.content}" for message in messages]
