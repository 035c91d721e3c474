"""The agent for code that does not await: it runs on an event loop in a thread of its own.

    with SyncAgent() as agent:
        print(agent.ask("How much of this is water?", image="harbor.tif").answer)

A loop that already runs here, a notebook's for example, is not touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from app.agent import Agent
from app.errors import SwathError
from app.events import Event
from app.services.threads.transcript import Message
from app.settings import Settings
from app.turn import Turn

T = TypeVar("T")


class SyncAgent:
    """`Agent`, each call blocking until it is done. May be used from several threads.

    Args:
        settings: what it is made of; left out, the environment's.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closing = contextlib.AsyncExitStack()
        self._agent: Agent | None = None

    @classmethod
    def open(cls, settings: Settings | None = None) -> Self:
        """The same as `SyncAgent(settings)`, named as the asynchronous one's."""
        return cls(settings)

    def __enter__(self) -> Self:
        """Starts the thread and opens the agent in it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="swath", daemon=True)
        self._thread.start()
        try:
            self._agent = self._run(self._closing.enter_async_context(Agent.open(self._settings)))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the agent and ends the thread."""
        try:
            self._run(self._closing.aclose())
        finally:
            self._agent = None
            self._stop()

    def ask(self, message: str = "", **options: Any) -> Turn:
        """See `Agent.ask`."""
        return self._run(self._opened.ask(message, **options))

    def stream(self, message: str = "", **options: Any) -> Iterator[Event]:
        """See `Agent.stream`; a loop that is left early cancels the turn."""
        events = self._opened.stream(message, **options)
        try:
            while (event := self._run(_next(events))) is not None:
                yield event
        finally:
            self._run(events.aclose())

    def transcript(self, thread_id: str, after: int = 0, limit: int = 100) -> list[Message]:
        """See `Agent.transcript`."""
        return self._run(self._opened.transcript(thread_id, after, limit))

    def health(self) -> dict[str, dict[str, Any]]:
        """See `Agent.health`."""
        return self._run(self._opened.health())

    @property
    def _opened(self) -> Agent:
        if self._agent is None:
            raise SwathError("The agent is not open.", hint="Use it in a `with` block.")
        return self._agent

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise SwathError("The agent is not open.", hint="Use it in a `with` block.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:  # Ctrl-C here ends the work there
            future.cancel()
            raise

    def _stop(self) -> None:
        if self._loop and self._thread:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
        self._loop = self._thread = None


async def _next(events: AsyncGenerator[Event]) -> Event | None:
    return await anext(events, None)
