"""The chat API as an app: `create_app(settings)`, its agent opened and closed with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app import __version__
from app.agent import open_agent
from app.api import chat, faults, history, images, openai, operations, route, threads, turns, vqa
from app.api.live_turns import LiveTurns
from app.settings import Settings
from modal_services.boundary import AnswerEveryFault
from modal_services.stopping import noticing_signals

if TYPE_CHECKING:
    from typing import TypedDict  # noqa: TID251 - a lifespan's state, not an agent's

    from app.agent import Agent

    class Lifespan(TypedDict):
        """What requests find in `request.state`."""

        agent: Agent
        turns: LiveTurns


ABOUT = """Ask questions about satellite images.

`POST /api/chat` with a `message` and an `image` (an https URL, a data: URI, or the id of an
uploaded one) starts a thread; send its `thread_id` with the next message to go on about the same
image. Answers say which `engine` gave them.
"""


def create_app(settings: Settings, *, isolated: bool = True) -> FastAPI:
    """The API over one agent.

    Its `/docs` load nothing from outside. `isolated`: see `open_agent`.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[Lifespan]:
        async with open_agent(settings, isolated=isolated) as agent:
            live = LiveTurns(agent.turns.leaving)
            tasks = [
                asyncio.create_task(agent.keep_resuming()),
                asyncio.create_task(live.stop()),
            ]
            try:
                # What a shutdown cuts off stays open, and is finished after it.
                with noticing_signals(agent.turns.leaving):
                    yield {"agent": agent, "turns": live}
            finally:
                agent.turns.leaving.set()
                await live.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    app: FastAPI = FastAPIOffline(
        title="Swath",
        version=__version__,
        description=ABOUT,
        lifespan=lifespan,
        redoc_url=None,
        # base64 takes 4 bytes for 3, and the rest of a body is small
        max_body_size=settings.max_image_bytes * 4 // 3 + 1024 * 1024,
    )
    for part in (chat, turns, threads, history, images, vqa, route, openai, operations):
        app.include_router(part.router)
    faults.handle(app)
    app.add_middleware(AnswerEveryFault, development=settings.development)
    return app
