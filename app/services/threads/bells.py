"""Bells: waiting until something is said to have happened, or for a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict


class Bells:
    """A bell a name. Whoever rings one wakes all who wait for it; nobody need wait."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)

    async def wait(self, name: str, timeout_s: float) -> None:
        """Returns when the bell rings, or after a while."""
        rung = asyncio.get_running_loop().create_future()
        self._waiting[name].add(rung)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await rung
        finally:
            self._waiting[name].discard(rung)
            if not self._waiting[name]:
                del self._waiting[name]

    def ring(self, name: str) -> None:
        """Wakes those who wait."""
        for rung in self._waiting.get(name, ()):
            if not rung.done():
                rung.set_result(None)
