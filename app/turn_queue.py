"""Whose turn it is: turns of a thread one after the other, in this process and across processes.

The ledger is the queue. A turn is entered as the thread's last; it runs once it is the first open
one. One whose process died is taken over by whoever comes across it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakValueDictionary

from app.errors import (
    DatabaseTrouble,
    KeyReused,
    SwathError,
    ThreadBusy,
    TurnCancelled,
    TurnRunning,
)
from app.services.threads import Threads
from app.services.threads.bells import Bells
from app.services.threads.ledger import NewTurn, Outcome, TurnRow
from app.turn import CANCELLED, lost
from imagery import ImageryError

Work = Callable[[TurnRow], Awaitable[Outcome]]
FIRST_PAUSE_S = 0.02  # turns of other processes cannot ring here; they are asked about
LAST_PAUSE_S = 0.5
MOST_RUNS = 20  # a turn that was cut off so often is what cuts off its process


@dataclass(frozen=True, slots=True)
class Entered:
    """A turn in the ledger, its thread's first one, and whether this process is to run it."""

    row: TurnRow
    first: TurnRow | None
    mine: bool


@dataclass
class TurnQueue:
    """The turns of one user of the database.

    Attributes:
        threads: where they are kept.
        oldest_s: a turn that was cut off longer ago is ended, not run.
        leaving: set when this process shuts down: turns that are cut off now stay open.
    """

    threads: Threads
    oldest_s: float
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[str] = field(default_factory=set)
    _entering: Counter[str] = field(default_factory=Counter)
    _doors: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _bells: Bells = field(default_factory=Bells)

    @contextlib.asynccontextmanager
    async def in_order(self, thread_id: str) -> AsyncIterator[None]:
        """Lets this process's messages to a thread in one by one, in the order they came."""
        lock = self._doors.setdefault(thread_id, asyncio.Lock())
        async with lock:
            yield

    async def ask(self, new: NewTurn, work: Work, *, wait: bool) -> TurnRow:
        """Enters a turn and returns it when it has ended; see `enter` and `finish`."""
        return await self.finish(await self.enter(new, wait=wait), work)

    async def enter(self, new: NewTurn, *, wait: bool) -> Entered:
        """Enters a turn in the ledger as the thread's last, unless it was sent before.

        Whoever enters one calls `finish` next.

        Raises:
            ThreadBusy, TurnRunning: it would have to wait, and `wait` is false.
            KeyReused: its key was sent before with another request.
        """
        self._entering[new.turn_id] += 1  # while it is entered it must not seem to be nobody's
        try:
            entered = await self._whole(self._found(new, wait=wait))
            if entered.mine:
                self._running.add(entered.row.turn_id)
        finally:
            self._entering -= Counter([new.turn_id])
        row = entered.row
        if not wait and not entered.mine and row.state == "open" and not await self._left(row):
            raise TurnRunning("This turn runs already.", hint="Ask again in a moment.")
        return entered

    async def finish(self, entered: Entered, work: Work) -> TurnRow:
        """Runs a turn once it is the thread's first, and returns it when it has ended.

        `work` runs it, or one before it whose process died.

        Raises:
            TurnCancelled: the turn was sent twice, and its thread was deleted meanwhile.
        """
        row = entered.row
        if row.state != "open":
            return row
        try:
            return await self._see_through(entered, work)
        except asyncio.CancelledError:
            if entered.mine and not self.leaving.is_set():
                await asyncio.shield(self._cancel(row))
            raise
        finally:
            if entered.mine:
                self._running.discard(row.turn_id)

    async def resume(self, work: Work, at_once: int = 4) -> list[TurnRow]:
        """Finishes or ends every open turn that nobody runs, thread by thread."""
        places = asyncio.Semaphore(at_once)
        left = dict.fromkeys(row.thread_id for row in await self.threads.ledger.all_open())

        async def finished(thread_id: str) -> list[TurnRow]:
            async with places:
                return await self._drain(thread_id, work)

        return [row for rows in await asyncio.gather(*map(finished, left)) for row in rows]

    async def _whole(self, finding: Coroutine[Any, Any, Entered]) -> Entered:
        """Enters to the end: a sender that leaves half-way leaves no turn that nobody waits for."""
        task = asyncio.ensure_future(finding)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            entered = None if task.cancelled() or task.exception() else task.result()
            if entered and entered.mine and not self.leaving.is_set():
                await asyncio.shield(self._cancel(entered.row))
            raise

    async def cancel_left(self, row: TurnRow) -> bool:
        """Cancels a turn that nobody runs; False: somebody does."""
        mine = await self.threads.ledger.adopt(row) if await self._left(row) else None
        return mine is not None and (await self._close(mine, CANCELLED)).state == "cancelled"

    async def _found(self, new: NewTurn, *, wait: bool) -> Entered:
        ledger = self.threads.ledger
        found = await ledger.accept(new, only_if_free=not wait)
        if found.row is None and found.first and await self._left(found.first):
            found = await ledger.accept(new)
        row = found.row
        if row is None:
            raise ThreadBusy("A turn of this thread runs.", hint="Wait for it, or send it later.")
        if found.fresh:
            return Entered(row, found.first, mine=True)
        if not new.same(row):
            raise KeyReused("The key was sent before with another request.", hint="Use a new key.")
        if row.state == "cancelled":
            self._entering[row.turn_id] += 1
            try:
                if again := await ledger.reopen(row):
                    return Entered(again, None, mine=True)
            finally:
                self._entering -= Counter([row.turn_id])
        return Entered(row, None, mine=False)

    async def _see_through(self, entered: Entered, work: Work) -> TurnRow:
        """Waits until the turn is the first one, and runs it, or until another has ended it."""
        row, first, mine, pause_s = entered.row, entered.first, entered.mine, FIRST_PAUSE_S
        ledger = self.threads.ledger
        while True:
            first = first or await ledger.first_open(row.thread_id)
            if first is None or first.position > row.position:
                return await self._ended(row)
            if mine and (first.turn_id, first.owner) == (row.turn_id, self._me):
                return await self._run(first, work)
            if await self._left(first):
                if mine and first.turn_id == row.turn_id:
                    await ledger.adopt(first)
                else:
                    await self._take_over(first, work)
            else:
                await self._bells.wait(row.turn_id, pause_s)
                pause_s = min(LAST_PAUSE_S, pause_s * 2)
            first = None

    async def _drain(self, thread_id: str, work: Work) -> list[TurnRow]:
        done, ledger = [], self.threads.ledger
        while (first := await ledger.first_open(thread_id)) and await self._left(first):
            if ended := await self._take_over(first, work):
                done.append(ended)
        return done

    async def _take_over(self, row: TurnRow, work: Work) -> TurnRow | None:
        if row.turn_id in self._running:
            return None
        self._running.add(row.turn_id)
        try:
            adopted = await self.threads.ledger.adopt(row)
            if adopted is None:
                return None
            return await self._run(adopted, work, raising=False)
        finally:
            self._running.discard(row.turn_id)

    async def _run(self, row: TurnRow, work: Work, *, raising: bool = True) -> TurnRow:
        """Runs a turn and ends it; what it raises is its end, and the caller's to see."""
        if gone := self._too_late(row):
            return await self._close(row, gone)
        try:
            outcome = await work(row)
        except DatabaseTrouble:
            raise  # it stays open, and is finished when the database is back
        except Exception as error:  # a job's boundary: whatever it was, the turn has ended
            ours = isinstance(error, SwathError | ImageryError)
            message = str(error) if ours else "Something went wrong in Swath."
            ended = await self._close(row, lost(row, message))
            if raising:
                raise
            return ended
        return await self._close(row, outcome)

    def _too_late(self, row: TurnRow) -> Outcome | None:
        if row.runs > MOST_RUNS:
            return lost(row, f"The turn was cut off {row.runs - 1} times.")
        if row.runs > 1 and time.time() - row.created > self.oldest_s:
            return lost(row, "The turn was cut off too long ago.")
        return None

    async def _close(self, row: TurnRow, outcome: Outcome) -> TurnRow:
        ledger = self.threads.ledger
        if row.kind == "delete" and outcome.state == "answered":
            first = await ledger.forget(row)
        else:
            closed, first = await ledger.close(row, outcome)
            if not closed:  # another process took it over: what that one answers stands
                return await self._ended(row)
        self._bells.ring(row.turn_id)
        if first:
            self._bells.ring(first.turn_id)
        return replace(row, state=outcome.state, result=outcome.result)

    async def _cancel(self, row: TurnRow) -> None:
        with contextlib.suppress(DatabaseTrouble):  # then it stays open, and is finished later
            await self._close(row, CANCELLED)

    async def _ended(self, row: TurnRow) -> TurnRow:
        while (now := await self.threads.ledger.turn(row.turn_id)) and now.state == "open":
            await self._bells.wait(row.turn_id, LAST_PAUSE_S)
        if now is None:
            raise TurnCancelled("The thread was deleted.")
        return now

    async def _left(self, row: TurnRow) -> bool:
        """Whether nobody runs an open turn or waits to."""
        if row.owner == self._me:
            return row.turn_id not in self._running and not self._entering[row.turn_id]
        return not await self.threads.database.alive(row.owner)

    @property
    def _me(self) -> str:
        return self.threads.database.owner
