"""Jobs in one SQLite file: they survive a restart, and several processes may share the file."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import aiosqlite
import anyio.to_thread

from modal_services.jobs import Done, Failed, Missing, Outcome, Pending
from modal_services.stores.queued import Claim, QueuedJobs
from modal_services.wire import ChatCompletion, ChatRequest

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    call_id TEXT PRIMARY KEY, state TEXT NOT NULL, request TEXT NOT NULL,
    completion TEXT, error TEXT, traceback TEXT,
    runs INTEGER NOT NULL DEFAULT 0, lease_until REAL NOT NULL DEFAULT 0, submitted REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, submitted);
"""
WAITING = """
SELECT 1 FROM jobs WHERE state = 'queued' OR (state = 'running' AND lease_until < ?) LIMIT 1
"""
CLAIM = """
UPDATE jobs SET state = 'running', runs = runs + 1, lease_until = :lease_until
WHERE call_id = (
    SELECT call_id FROM jobs
    WHERE state = 'queued' OR (state = 'running' AND lease_until < :now)
    ORDER BY submitted LIMIT 1)
RETURNING call_id, request, runs
"""
RENEW = "UPDATE jobs SET lease_until = ? WHERE call_id = ? AND state = 'running'"
PUT_BACK = """
UPDATE jobs SET state = 'queued', runs = runs - 1 WHERE call_id = ? AND state = 'running'
"""
FINISH = """
UPDATE jobs SET state = ?, completion = ?, error = ?, traceback = ?, request = ''
WHERE call_id = ? AND state IN ('queued', 'running')
"""


class SqliteJobs(QueuedJobs):
    """A job store in one file.

    Args:
        path: the database; its folder is made when work begins.
        workers: jobs that run at once in this process.
        max_queued: jobs that may wait; one more raises `QueueFull`.
        keep_s: how long a job is known, from its submission.
        lease_s: how long a claimed job is left alone without a sign of life.
        poll_s: how often an idle worker looks for jobs of other processes.
        drain_s: how long running jobs may go on when the service stops.
    """

    def __init__(
        self,
        path: Path,
        *,
        workers: int = 2,
        max_queued: int = 1000,
        keep_s: float = 7 * 24 * 3600,
        lease_s: float = 30,
        poll_s: float = 1,
        drain_s: float = 5,
    ) -> None:
        table = SqliteTable(path, max_queued, keep_s)
        super().__init__(table, workers=workers, lease_s=lease_s, poll_s=poll_s, drain_s=drain_s)


class SqliteTable:
    """A `JobTable` in a file; what `add` has taken is on disk."""

    def __init__(self, path: Path, max_queued: int, keep_s: float) -> None:
        self._path = path
        self._max_queued = max_queued
        self._keep_s = keep_s
        self._database: aiosqlite.Connection | None = None

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Makes the file where there is none."""
        await anyio.to_thread.run_sync(_make_private, self._path)
        # Autocommit: every statement here is a transaction of its own.
        async with aiosqlite.connect(self._path, timeout=10, isolation_level=None) as database:
            await database.execute("PRAGMA journal_mode = WAL")
            await database.executescript(SCHEMA)
            self._database = database
            try:
                yield
            finally:
                self._database = None

    async def add(self, call_id: str, request: ChatRequest) -> bool:
        """Forgets expired jobs, then queues this one if there is room."""
        now = time.time()
        await self._execute("DELETE FROM jobs WHERE submitted < ?", (now - self._keep_s,))
        stored = await self._execute(
            "INSERT INTO jobs (call_id, state, request, submitted) SELECT ?, 'queued', ?, ?"
            " WHERE (SELECT count(*) FROM jobs WHERE state = 'queued') < ?"
            " ON CONFLICT (call_id) DO NOTHING",
            (call_id, request.model_dump_json(), now, self._max_queued),
        )
        return bool(stored)

    async def outcome(self, call_id: str) -> Outcome:
        """What is known of a job."""
        row = await self._row(
            "SELECT state, completion, error, traceback FROM jobs"
            " WHERE call_id = ? AND submitted >= ?",
            (call_id, time.time() - self._keep_s),
        )
        if row is None:
            return Missing()
        state, completion, error, traceback = row
        if state == "done":
            return Done(ChatCompletion.model_validate_json(completion))
        return Failed(error, traceback) if state == "failed" else Pending()

    async def claim(self, lease_s: float) -> Claim | None:
        """The oldest job that waits or whose lease has ended."""
        # The look costs no write lock; only a worker that sees a job takes one.
        now = time.time()
        if await self._row(WAITING, (now,)) is None:
            return None
        row = await self._row(CLAIM, {"now": now, "lease_until": now + lease_s})
        if row is None:
            return None
        return Claim(row[0], ChatRequest.model_validate_json(row[1]), row[2])

    async def renew(self, call_id: str, lease_s: float) -> bool:
        """Keeps a lease."""
        return bool(await self._execute(RENEW, (time.time() + lease_s, call_id)))

    async def put_back(self, call_id: str) -> None:
        """Queues a running job again."""
        await self._execute(PUT_BACK, (call_id,))

    async def finish(self, call_id: str, outcome: Done | Failed) -> bool:
        """Ends a job that has not ended."""
        row: tuple[str | None, ...]
        match outcome:
            case Done(completion):
                row = ("done", completion.model_dump_json(), None, None, call_id)
            case Failed(error=error, traceback=traceback):
                row = ("failed", None, error, traceback, call_id)
        return bool(await self._execute(FINISH, row))

    async def _execute(self, sql: str, values: Sequence[object]) -> int:
        async with self._open().execute(sql, values) as cursor:
            return cursor.rowcount

    async def _row(
        self, sql: str, values: Sequence[object] | Mapping[str, object]
    ) -> sqlite3.Row | None:
        # In one step: a read left open between two would hold an old snapshot, and a write of
        # another coroutine on this connection would then fail as "locked" at once.
        rows = await self._open().execute_fetchall(sql, values)
        return next(iter(rows), None)

    def _open(self) -> aiosqlite.Connection:
        if self._database is None:
            raise RuntimeError("jobs can be used only while `working` is entered")
        return self._database


def _make_private(path: Path) -> None:
    """The file holds users' pictures, so that only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
