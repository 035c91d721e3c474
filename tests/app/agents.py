"""The real agent and client over fake services."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator
from typing import Any

from app.agent import Agent
from app.orchestrator import build_graph
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from app.services.threads import open_threads
from app.settings import Settings
from imagery.store import ImageStore
from tests.fakes import Clock, FakeService


@contextlib.asynccontextmanager
async def agent_over(
    settings: Settings,
    vqa: FakeService,
    captioning: FakeService | None = None,
    *,
    engine: str | None = "measure",
    sync_limit_s: float = math.inf,
) -> AsyncIterator[Agent]:
    """An agent whose services say that they have this kind of engine."""
    clock, other = Clock(), captioning or FakeService()
    known: dict[str, Any] = {"engine": engine, "sync_limit_s": sync_limit_s}
    async with (
        open_threads(settings.threads_place) as threads,
        ModalServiceClient(
            Endpoint("http://vqa", "m", **known, transport=vqa.transport),
            Endpoint("http://cap", "m", **known, transport=other.transport),
            RetryPolicy(sleep=clock.sleep),
            now=clock.now,
        ) as vision,
    ):
        images = ImageStore(settings.data_dir / "images", settings.image_limits)
        yield Agent(build_graph(threads.checkpoints), images, vision, settings, threads)
