"""The chat API as an app: `create_app(settings)`, its agent opened and closed with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from app import __version__
from app.agent import open_agent
from app.api import (
    chat,
    docs,
    faults,
    history,
    images,
    openai,
    operations,
    route,
    threads,
    turns,
    vqa,
)
from app.api.access import Access
from app.api.admission import Admission, Allowance
from app.api.bodies import Bodies
from app.api.closing import Closing, ClosingInTime
from app.api.dependencies import BEARER
from app.api.front import Front
from app.api.keys import Keys
from app.api.live_turns import LiveTurns
from app.api.metrics import Metrics
from app.api.readiness import Readiness
from app.api.shape import EVERYWHERE
from app.langsmith_tracing import set_up_langsmith
from app.services.observed import ObservedClient, Observer
from app.settings import Settings
from app.telemetry import spans_to
from modal_services.stopping import noticing_signals

if TYPE_CHECKING:
    from typing import TypedDict  # noqa: TID251 - a lifespan's state, not an agent's

    from app.agent import Agent

    class Lifespan(TypedDict):
        """What requests find in `request.state`."""

        agent: Agent
        closing: Closing
        metrics: Metrics
        readiness: Readiness
        turns: LiveTurns


READ_HEADERS = (
    "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Thread-Id",
)  # fmt: skip
ABOUT = """Ask questions about satellite images.

`POST /api/chat` with a `message` and an `image` (an https URL, a data: URI, or the id of an
uploaded one) starts a thread; send its `thread_id` with the next message to go on about the same
image. Answers say which `engine` gave them. Where the server has access keys, send yours as
`Authorization: Bearer <key>`.
"""
# base64 takes 4 bytes for 3, and the rest of a body is small
BESIDE_THE_IMAGE_BYTES = 1024 * 1024


def create_app(settings: Settings, *, isolated: bool = True) -> FastAPI:
    """The API over one agent.

    Its `/docs` load nothing from outside. `isolated`: see `open_agent`.
    """
    set_up_langsmith(settings)
    metrics = Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[Lifespan]:
        async with contextlib.AsyncExitStack() as stack:
            observers: list[Observer] = [metrics]
            if settings.otel_endpoint:
                spans = spans_to(settings.otel_endpoint)
                stack.callback(spans.close)
                observers.append(spans)
            agent = await stack.enter_async_context(
                open_agent(settings, isolated=isolated, observers=observers)
            )
            agent.listener = metrics
            if isinstance(agent.vision, ObservedClient):
                metrics.watch(agent.vision)
            live = LiveTurns(agent.turns.leaving, settings.key_turns)
            readiness = Readiness(agent.health)
            stack.callback(readiness.close)
            async with _closing(agent, live) as closing:
                yield {
                    "agent": agent,
                    "closing": closing,
                    "metrics": metrics,
                    "readiness": readiness,
                    "turns": live,
                }

    app: FastAPI = FastAPIOffline(
        title="Swath",
        version=__version__,
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # A redirect would name http:// behind a proxy, and a client would send its key there.
        redirect_slashes=False,
        responses=EVERYWHERE,
    )
    docs.add_docs(app)
    for part in (chat, turns, threads, history, images, vqa, route, openai):
        app.include_router(part.router, dependencies=[BEARER])
    app.include_router(operations.router)
    faults.handle(app)
    _surround(app, settings, metrics)
    return app


@contextlib.asynccontextmanager
async def _closing(agent: Agent, live: LiveTurns) -> AsyncIterator[Closing]:
    """Resumes turns meanwhile, and notices when the process is asked to end."""
    closing, leaving = Closing(), agent.turns.leaving
    tasks = [
        asyncio.create_task(agent.keep_resuming()),
        asyncio.create_task(closing.when(leaving)),
        asyncio.create_task(live.stop()),
    ]
    try:
        # What a shutdown cuts off stays open, and is finished after it.
        with noticing_signals(leaving):
            yield closing
    finally:
        leaving.set()
        await live.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _surround(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """The layers around the routes, the innermost first."""
    allowance = Allowance(
        settings.key_rate, settings.key_burst, settings.key_turns, settings.max_requests
    )
    most_bytes = settings.max_image_bytes * 4 // 3 + BESIDE_THE_IMAGE_BYTES
    app.add_middleware(Bodies, most_bytes=most_bytes, most_s=settings.body_timeout)
    app.add_middleware(Admission, allowance=allowance)
    keys = Keys(key.get_secret_value() for key in settings.api_keys)
    app.add_middleware(Access, keys=keys, origins=settings.cors_origins)
    app.add_middleware(ClosingInTime)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=READ_HEADERS,
            expose_headers=["X-Request-ID", "Retry-After", "X-Turn-Id", "Idempotent-Replayed"],
        )
    app.add_middleware(Front, metrics=metrics, development=settings.development)
