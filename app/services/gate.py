"""Bounded concurrency: so many calls of a service at once, so many waiting, no more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from app.errors import VisionOverloaded
from app.services.vision import Service

RETRY_AFTER_S = 2


class Gate:
    """Lets `at_once` calls through and `waiting` more wait; any other is refused at once."""

    def __init__(self, service: Service, at_once: int = 64, waiting: int = 256) -> None:
        self._service = service
        self._free = asyncio.Semaphore(at_once)
        self._room = waiting
        self._waiting = self._taken = 0

    @property
    def load(self) -> tuple[int, int]:
        """How many calls have a place, and how many wait for one."""
        return self._taken, self._waiting

    @contextlib.asynccontextmanager
    async def slot(self, left_s: float, when_waiting: Callable[[], None]) -> AsyncIterator[None]:
        """Holds one of the places.

        Raises:
            VisionOverloaded: too many wait already, or none got free within `left_s`.
        """
        if self._free.locked():
            await self._wait(left_s, when_waiting)
        else:
            await self._free.acquire()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._free.release()

    async def _wait(self, left_s: float, when_waiting: Callable[[], None]) -> None:
        if self._waiting >= self._room:
            raise self._overloaded()
        self._waiting += 1
        try:
            when_waiting()
            async with asyncio.timeout(left_s):
                await self._free.acquire()
        except TimeoutError as error:
            raise self._overloaded() from error
        finally:
            self._waiting -= 1

    def _overloaded(self) -> VisionOverloaded:
        message = f"Too many questions wait for the {self._service} service."
        return VisionOverloaded(
            message, service=self._service, attempts=0, retry_after_s=RETRY_AFTER_S
        )
