"""Turns that run in this process, each with the log of what it told, so that readers may come back.

A turn's log is kept in memory for a while after its end. It is bounded: after so many events its
tokens are not told any more, and the `answer` has them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from app.api.told import END, PING, Told, done, failed, told
from app.errors import DatabaseTrouble, ServerStopping, SwathError, TurnCancelled
from app.events import Event, Hear, Token
from app.turn import Turn
from imagery import ImageryError

log = structlog.get_logger(__name__)
MOST_EVENTS = 10_000
PING_S = 15.0
GOES_ON = "It is finished when the server is back: GET /api/turns/{turn_id}/events"
Ask: TypeAlias = Callable[[Hear], Awaitable[Turn]]


@dataclass(frozen=True, slots=True)
class Request:
    """What a turn was asked with, to know it again; never its picture, which may be megabytes.

    Attributes:
        owner: whose it is.
        digest: the same for the same message.
        keeps_on: whether it runs on when its last reader leaves.
        heard: whether what happens is told, not only the end.
    """

    turn_id: str
    owner: str
    digest: str
    thread_id: str | None = None
    key: str | None = None
    keeps_on: bool = False
    heard: bool = True


@dataclass(eq=False)
class LiveTurn:
    """A turn that runs, or has ended a short while ago.

    Attributes:
        turn, error: how it ended, one of both.
        ended: set once the last event is in the log.
        goes_on: whether it is finished later, here or elsewhere: the ledger tells its end.
    """

    request: Request
    leaving: asyncio.Event
    on_end: Callable[[LiveTurn], None]
    most_events: int = MOST_EVENTS
    turn: Turn | None = None
    error: Exception | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: bool = False
    _name: str = field(default_factory=lambda: secrets.token_hex(4))
    _log: list[bytes] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _readers: int = 0
    _task: asyncio.Task[Turn] | None = None

    def start(self, ask: Ask) -> None:
        """Runs the turn in a task of its own, whoever reads."""
        self._task = asyncio.ensure_future(ask(self._hear))
        self._task.add_done_callback(self._finished)

    @property
    def turn_id(self) -> str:
        """The turn's id."""
        return self.turn.turn_id if self.turn else self._ids.get("turn_id", self.request.turn_id)

    @property
    def thread_id(self) -> str | None:
        """The thread's id, once it is known."""
        if self.turn:
            return self.turn.thread_id
        return self._ids.get("thread_id") or self.request.thread_id

    @property
    def size(self) -> int:
        """Bytes of its log."""
        return sum(map(len, self._log))

    @property
    def silent(self) -> bool:
        """Whether nothing was told but the end."""
        return len(self._log) <= 1

    def cancel(self) -> None:
        """Ends the turn, and what a service does for it."""
        if self._task:
            self._task.cancel()

    @contextlib.contextmanager
    def reader(self) -> Iterator[None]:
        """While entered, somebody waits for the turn; without anybody it is cancelled."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if not (self._readers or self.request.keeps_on or self.ended.is_set()):
                self.cancel()

    async def first(self, wait_s: float) -> None:
        """Returns when there is an event, or after a while."""
        if not self._log:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    def place(self, last_event_id: str | None) -> int | None:
        """How many events a reader has seen; None: of another log, so the end alone is told.

        Of the log of a process that is gone nobody knows what its reader saw; the end tells all.
        """
        if not last_event_id:
            return 0
        name, _, number = last_event_id.rpartition("-")
        if name != self._name or not number.isdecimal() or len(number) > len(str(MOST_EVENTS)) + 1:
            return None
        return min(int(number), len(self._log))

    async def events(self, place: int | None, ping_s: float = PING_S) -> AsyncGenerator[bytes]:
        """The events after a place as they come, comments in between, the end last."""
        with self.reader():
            at = place or 0
            while True:
                changed = self._changed
                while place is not None and at < len(self._log):
                    at += 1
                    yield self._log[at - 1]
                if self.ended.is_set():
                    break
                try:
                    async with asyncio.timeout(ping_s):
                        await changed.wait()
                except TimeoutError:
                    yield PING
            if place is None:
                yield self._log[-1]

    def _hear(self, event: Event) -> None:
        one = told(event, self._ids) if self.request.heard else None
        full = len(self._log) >= self.most_events and isinstance(event, Token)
        if one and not full:
            self._add(one, f"{self._name}-{len(self._log) + 1}")

    def _add(self, one: Told, event_id: str) -> None:
        self._log.append(one.encoded(event_id))
        self._changed.set()
        self._changed = asyncio.Event()

    def _finished(self, task: asyncio.Task[Turn]) -> None:
        cut_off = task.cancelled() and self.leaving.is_set()
        if task.cancelled():
            self.error = going(self.turn_id) if cut_off else cancelled()
        elif isinstance(error := task.exception(), Exception):
            self.error = error
            if isinstance(error, SwathError | ImageryError):
                _let_go(error)
            else:
                log.error("a turn failed", turn_id=self.turn_id, exc_info=error)
        else:
            self.turn = task.result()
        self._task = None
        last = done(self.turn) if self.turn else error_of(self.error, self.turn_id)
        self.ended.set()
        # A turn that is cut off has not ended: its reader comes back for the rest.
        self.goes_on = cut_off or isinstance(self.error, DatabaseTrouble)
        self._add(last, f"{self._name}-{len(self._log) + 1}" if self.goes_on else END)
        self.on_end(self)


def _let_go(error: BaseException | None) -> None:
    """Drops the frames of an error that is kept: they hold the request with its picture."""
    while error and error.__traceback__:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def cancelled() -> TurnCancelled:
    """What is told of a turn that was cancelled."""
    return TurnCancelled("The turn was cancelled.", hint="Send it again to have it answered.")


def going(turn_id: str) -> ServerStopping:
    """What is told of a turn that the server's end cuts off."""
    hint = GOES_ON.format(turn_id=turn_id)
    return ServerStopping("The server is stopping; the turn is not lost.", hint=hint)


def error_of(error: Exception | None, turn_id: str) -> Told:
    """The last event of what cannot be answered; a fault of ours is told without its words."""
    if isinstance(error, SwathError | ImageryError):
        return failed(error.code, str(error), error.hint, turn_id)
    return failed("internal_error", "Something went wrong in Swath.", "", turn_id)
