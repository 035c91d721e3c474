"""The turns of this process that are read, or may be again."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from app.api.admission import too_many_at_once
from app.api.live import Ask, LiveTurn, Request
from app.errors import ServerStopping

KEPT_S = 300.0
MOST_KEPT = 2000
MOST_KEPT_BYTES = 64 * 1024 * 1024


@dataclass
class LiveTurns:
    """Turns by their id and by their owner's key; ended ones for a while.

    Attributes:
        leaving: set when the process is asked to end.
        most_running: turns of a key at the same time, whether or not somebody waits for them.
        kept_s: how long the log of a turn that has ended is kept.
        most_kept, most_kept_bytes: how many logs are kept, and of what size; the oldest go first.
    """

    leaving: asyncio.Event
    most_running: int = 16
    kept_s: float = KEPT_S
    most_kept: int = MOST_KEPT
    most_kept_bytes: int = MOST_KEPT_BYTES
    _by_id: dict[tuple[str, str], LiveTurn] = field(default_factory=dict)
    _by_key: dict[tuple[str, str], LiveTurn] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    _kept: dict[LiveTurn, asyncio.TimerHandle] = field(default_factory=dict)
    _kept_bytes: int = 0

    def begin(self, request: Request, ask: Ask) -> LiveTurn:
        """Runs a turn.

        Raises:
            ServerStopping: the process is asked to end.
            Refused: as many turns of the key run as may.
        """
        if self.leaving.is_set():
            raise ServerStopping("The server is stopping.", hint="Ask again in a moment.")
        if request.owner and self._running[request.owner] >= self.most_running:
            raise too_many_at_once(self.most_running, "questions")
        live = LiveTurn(request, self.leaving, self._ended)
        self._running[request.owner] += 1
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
        self._running -= Counter([live.request.owner])
        loop = asyncio.get_running_loop()
        kept_s = 0 if live.goes_on else self.kept_s
        self._kept[live] = loop.call_later(kept_s, self._forget, live)
        self._kept_bytes += live.size
        while len(self._kept) > self.most_kept or self._kept_bytes > self.most_kept_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, live: LiveTurn) -> None:
        self._kept.pop(live).cancel()  # a timer would keep the log until it rings
        self._kept_bytes -= live.size
        request = live.request
        if self._by_id.get((request.owner, request.turn_id)) is live:
            del self._by_id[request.owner, request.turn_id]
        if request.key and self._by_key.get((request.owner, request.key)) is live:
            del self._by_key[request.owner, request.key]
