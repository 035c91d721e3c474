"""The ledger of turns: who asked what, whose turn it is, and what was answered.

Of a thread's open turns only the first one runs, by its owner while that lives, else by whoever
takes it over; so turns of a thread never overlap, across processes too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from app.services.threads.database import Database, Row, Statement, statement
from app.services.threads.transcript import Said, appended

TurnState = Literal["open", "answered", "failed", "cancelled"]
Kind = Literal["ask", "delete"]
COLUMNS = (
    "turn_id, thread_id, position, kind, request_key, digest, state, owner, runs, request, "
    "image_url, result, created"
)
ACCEPT = """
INSERT INTO swath_turns (turn_id, thread_id, position, kind, request_key, digest, state, owner,
    runs, request, image_url, created, updated)
SELECT ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM swath_turns WHERE thread_id = ?),
    ?, ?, ?, 'open', ?, 1, ?, ?, {now}, {now}
WHERE {free} ON CONFLICT DO NOTHING RETURNING turn_id
"""
FREE = "NOT EXISTS (SELECT 1 FROM swath_turns WHERE thread_id = ? AND state = 'open')"
FIRST = (
    f"SELECT {COLUMNS} FROM swath_turns WHERE thread_id = ? AND state = 'open'"  # noqa: S608
    " ORDER BY position LIMIT 1"
)
REOPEN = """
UPDATE swath_turns SET state = 'open', owner = ?, runs = runs + 1, updated = ?,
    position = (SELECT MAX(t.position) + 1 FROM swath_turns t WHERE t.thread_id = ?)
WHERE turn_id = ? AND state = 'cancelled' RETURNING turn_id
"""
ADOPT = """
UPDATE swath_turns SET owner = ?, runs = runs + 1, updated = ?
WHERE turn_id = ? AND owner = ? AND runs = ? AND state = 'open' RETURNING turn_id
"""
CLOSE = """
UPDATE swath_turns SET state = ?, result = ?, updated = ?
WHERE turn_id = ? AND owner = ? AND state = 'open' RETURNING turn_id
"""
FORGET = (
    """
    DELETE FROM swath_jobs WHERE turn_id IN
        (SELECT turn_id FROM swath_turns WHERE thread_id = ? AND position <= ?)
    """,
    "DELETE FROM swath_transcript WHERE thread_id = ?",
    "DELETE FROM swath_turns WHERE thread_id = ? AND position <= ?",
)
NOTE_JOB = """
INSERT INTO swath_jobs (turn_id, task, call_id) VALUES (?, ?, ?)
ON CONFLICT (turn_id, task) DO UPDATE SET call_id = excluded.call_id
"""


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn as it is asked for.

    Attributes:
        key: the same for the same turn sent again.
        digest: the same for the same request.
        request: what the graph is given, as JSON.
        anywhere: the thread was not named: sent again, the turn is found in the thread it has.
    """

    turn_id: str
    thread_id: str
    key: str
    digest: str
    request: dict[str, Any]
    image_url: str | None = None
    kind: Kind = "ask"
    anywhere: bool = False

    def same(self, row: TurnRow) -> bool:
        """Whether the turn is this one, sent before."""
        here = self.anywhere or self.thread_id == row.thread_id
        return here and (self.key, self.digest) == (row.key, row.digest)


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn as the ledger has it; `created` is in seconds since 1970."""

    turn_id: str
    thread_id: str
    position: int
    kind: Kind
    key: str
    digest: str
    state: TurnState
    owner: str
    runs: int
    request: dict[str, Any]
    image_url: str | None
    result: str | None
    created: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a turn that was asked for.

    Attributes:
        row: the turn, or one that was sent before with its key; None: it was not taken.
        fresh: whether it is new.
        first: the thread's first open turn.
    """

    row: TurnRow | None
    fresh: bool
    first: TurnRow | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended, and what it adds to the transcript."""

    state: TurnState
    result: str
    said: Sequence[Said] = ()


class Ledger:
    """The ledger in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, new: NewTurn, *, only_if_free: bool = False) -> Accepted:
        """Enters a turn as the last of its thread, unless its key is known."""
        values = (
            new.turn_id, new.thread_id, new.thread_id, new.kind, new.key, new.digest,
            self._database.owner, json.dumps(new.request), new.image_url,
        )  # fmt: skip
        free = (new.thread_id,) if only_if_free else ()
        sql = ACCEPT.format(now=repr(time.time()), free=FREE if only_if_free else "1 = 1")
        entered, same, first = await self._database.run(
            Statement(sql, (*values, *free)),
            _select("request_key = ? OR turn_id = ?", new.key, new.turn_id),
            statement(FIRST, new.thread_id),
            thread_id=new.thread_id,
        )
        return Accepted(_one(same), bool(entered), _one(first))

    async def known(self, key: str) -> TurnRow | None:
        """The turn that was sent with the key."""
        [rows] = await self._database.run(_select("request_key = ?", key))
        return _one(rows)

    async def turn(self, turn_id: str) -> TurnRow | None:
        """A turn by its id."""
        [rows] = await self._database.run(_select("turn_id = ?", turn_id))
        return _one(rows)

    async def turn_at(self, thread_id: str, position: int | None = None) -> TurnRow | None:
        """A thread's turn at a position, or its last one."""
        one = f"position = {position:d}" if position is not None else "position > 0"
        where = f"thread_id = ? AND kind = 'ask' AND {one} ORDER BY position DESC LIMIT 1"
        [rows] = await self._database.run(_select(where, thread_id))
        return _one(rows)

    async def first_open(self, thread_id: str) -> TurnRow | None:
        """The turn that runs, or is the next to run."""
        [rows] = await self._database.run(statement(FIRST, thread_id))
        return _one(rows)

    async def all_open(self) -> list[TurnRow]:
        """Every open turn, the oldest first."""
        [rows] = await self._database.run(_select("state = 'open' ORDER BY created"))
        return [_turn(row) for row in rows]

    async def reopen(self, row: TurnRow) -> TurnRow | None:
        """Enters a cancelled turn again, as the last one; None: someone else did."""
        values = (self._database.owner, time.time(), row.thread_id, row.turn_id)
        reopened, now = await self._database.run(
            Statement(REOPEN, values),
            _select("turn_id = ?", row.turn_id),
            thread_id=row.thread_id,
        )
        return _one(now) if reopened else None

    async def adopt(self, row: TurnRow) -> TurnRow | None:
        """Takes over an open turn that nobody runs; None: someone else did."""
        values = (self._database.owner, time.time(), row.turn_id, row.owner, row.runs)
        adopted, now = await self._database.run(
            Statement(ADOPT, values), _select("turn_id = ?", row.turn_id)
        )
        return _one(now) if adopted else None

    async def close(self, row: TurnRow, outcome: Outcome) -> tuple[bool, TurnRow | None]:
        """Ends a turn and writes what was said, both or neither.

        Returns whether it was still this process's to end, and the turn that is next.
        """
        owner = self._database.owner
        values = (outcome.state, outcome.result, time.time(), row.turn_id, owner)
        *_, closed, first = await self._database.run(
            *(appended(each, row.turn_id, owner) for each in outcome.said),
            Statement(CLOSE, values),
            statement(FIRST, row.thread_id),
            thread_id=row.thread_id,
        )
        return bool(closed), _one(first)

    async def forget(self, row: TurnRow) -> TurnRow | None:
        """Removes a thread's turns up to this one and its transcript; returns the next turn."""
        until = (row.thread_id, row.position)
        jobs, transcript, turns = FORGET
        *_, first = await self._database.run(
            Statement(jobs, until),
            statement(transcript, row.thread_id),
            Statement(turns, until),
            statement(FIRST, row.thread_id),
            thread_id=row.thread_id,
        )
        return _one(first)

    async def jobs(self, turn_id: str) -> dict[str, str]:
        """The call ids of the jobs that a turn has submitted, by task."""
        sql = "SELECT task, call_id FROM swath_jobs WHERE turn_id = ?"
        [rows] = await self._database.run(statement(sql, turn_id))
        return {task: call_id for task, call_id in rows}  # noqa: C416 - of two, mypy is told

    async def note_job(self, turn_id: str, task: str, call_id: str) -> None:
        """Remembers a job that was submitted, before it is asked about."""
        await self._database.run(statement(NOTE_JOB, turn_id, task, call_id))


def _select(condition: str, *values: str) -> Statement:
    return statement(f"SELECT {COLUMNS} FROM swath_turns WHERE {condition}", *values)  # noqa: S608


def _one(rows: list[Row]) -> TurnRow | None:
    return _turn(rows[0]) if rows else None


def _turn(row: Row) -> TurnRow:
    named = dict(zip((each.name for each in fields(TurnRow)), row, strict=True))
    return TurnRow(**{**named, "request": json.loads(named["request"])})
