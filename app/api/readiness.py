"""How the parts of a turn stand, asked once for all who want to know at the same time.

Strangers may ask too, and their asking must not become as much traffic at the services and the
database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeAlias

Parts: TypeAlias = dict[str, dict[str, Any]]
KEPT_S = 1.0


@dataclass
class Readiness:
    """The parts' states, at most `kept_s` old where they are quickly told.

    Attributes:
        ask: asks the parts; see `app.health`.
    """

    ask: Callable[[], Coroutine[Any, Any, Parts]]
    kept_s: float = KEPT_S
    now: Callable[[], float] = time.monotonic
    _asked_at: float = 0.0
    _asking: asyncio.Task[Parts] | None = None

    async def parts(self) -> Parts:
        """Each part with its `state`."""
        asking = self._asking
        if asking is None or (asking.done() and self.now() - self._asked_at >= self.kept_s):
            self._asked_at = self.now()
            asking = self._asking = asyncio.create_task(self.ask())
        return await asyncio.shield(asking)

    def close(self) -> None:
        """Asks no longer."""
        if self._asking:
            self._asking.cancel()
