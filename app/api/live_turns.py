"""The turns of this process that are read, or may be again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from app.api.live import Ask, LiveTurn, Request
from app.errors import ServerStopping

KEPT_S = 300.0
MOST_KEPT = 1000


@dataclass
class LiveTurns:
    """Turns by their id and by their owner's key; ended ones for a while.

    Attributes:
        leaving: set when the process is asked to end.
        kept_s: how long the log of a turn that has ended is kept.
    """

    leaving: asyncio.Event
    kept_s: float = KEPT_S
    most_kept: int = MOST_KEPT
    _by_id: dict[tuple[str, str], LiveTurn] = field(default_factory=dict)
    _by_key: dict[tuple[str, str], LiveTurn] = field(default_factory=dict)

    def begin(self, request: Request, ask: Ask) -> LiveTurn:
        """Runs a turn.

        Raises:
            ServerStopping: the process is asked to end.
        """
        if self.leaving.is_set():
            raise ServerStopping("The server is stopping.", hint="Ask again in a moment.")
        live = LiveTurn(request, self.leaving, self._ended)
        self._by_id[request.owner, request.turn_id] = live
        if request.key:
            self._by_key[request.owner, request.key] = live
        live.start(ask)
        return live

    def of_id(self, owner: str, turn_id: str) -> LiveTurn | None:
        """An owner's turn."""
        return self._by_id.get((owner, turn_id))

    def of_key(self, owner: str, key: str | None) -> LiveTurn | None:
        """An owner's turn that was sent with a key."""
        return self._by_key.get((owner, key)) if key else None

    async def stop(self) -> None:
        """Ends what runs once the process is asked to end; the turns stay open in the ledger."""
        await self.leaving.wait()
        running = [live for live in self._by_id.values() if not live.ended.is_set()]
        for live in running:
            live.cancel()
        await asyncio.gather(*(live.ended.wait() for live in running))

    def _ended(self, live: LiveTurn) -> None:
        ended = [one for one in self._by_id.values() if one.ended.is_set()]
        for one in ended[: max(0, len(ended) - self.most_kept)]:
            self._forget(one)
        asyncio.get_running_loop().call_later(self.kept_s, self._forget, live)

    def _forget(self, live: LiveTurn) -> None:
        request = live.request
        if self._by_id.get((request.owner, request.turn_id)) is live:
            del self._by_id[request.owner, request.turn_id]
        if request.key and self._by_key.get((request.owner, request.key)) is live:
            del self._by_key[request.owner, request.key]
