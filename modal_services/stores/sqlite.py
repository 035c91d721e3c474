"""Jobs in one SQLite file: they survive a restart, and several processes may share the file.

A worker claims a job with a lease and renews it while it works. A job whose lease ran out (its
process died) is run once more, and fails with a clear word if that run dies too.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import aiosqlite

from modal_services.jobs import (
    Done,
    Failed,
    Missing,
    Outcome,
    Pending,
    QueueFull,
    Run,
    is_call_id,
    new_call_id,
)
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
FINISH = """
UPDATE jobs SET state = ?, completion = ?, error = ?, traceback = ?, request = ''
WHERE call_id = ? AND state = 'running'
"""
MAX_RUNS = 2


class SqliteJobs:
    """A job store in one file.

    Args:
        path: the database; its folder is made when work begins.
        workers: jobs that run at once in this process.
        max_queued: jobs that may wait; one more raises `QueueFull`.
        keep_s: how long a job is known, from its submission.
        lease_s: how long a claimed job is left alone without a sign of life.
        poll_s: how often an idle worker looks for jobs of other processes.
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
    ) -> None:
        self._path = path
        self._workers = workers
        self._max_queued = max_queued
        self._keep_s = keep_s
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._submitted = asyncio.Event()
        self._database: aiosqlite.Connection | None = None

    async def submit(self, request: ChatRequest) -> str:
        """Stores the request; it is on disk when this returns.

        Raises:
            QueueFull: `max_queued` jobs wait already.
        """
        call_id, now = new_call_id(), time.time()
        await self._execute("DELETE FROM jobs WHERE submitted < ?", (now - self._keep_s,))
        stored = await self._execute(
            "INSERT INTO jobs (call_id, state, request, submitted) SELECT ?, 'queued', ?, ?"
            " WHERE (SELECT count(*) FROM jobs WHERE state = 'queued') < ?",
            (call_id, request.model_dump_json(), now, self._max_queued),
        )
        if not stored:
            raise QueueFull
        self._submitted.set()
        return call_id

    async def outcome(self, call_id: str) -> Outcome:
        """What is known of the job; anything that is no call id is `Missing`."""
        if not is_call_id(call_id):
            return Missing()
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

    @contextlib.asynccontextmanager
    async def working(self, run: Run) -> AsyncIterator[None]:
        """While entered, jobs are run; on leaving, running ones go back to the queue."""
        _make_private(self._path)
        # Autocommit: every statement here is a transaction of its own.
        async with aiosqlite.connect(self._path, timeout=10, isolation_level=None) as database:
            await database.execute("PRAGMA journal_mode = WAL")
            await database.executescript(SCHEMA)
            self._database = database
            workers = [asyncio.create_task(self._work(run)) for _ in range(self._workers)]
            try:
                yield
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)
                self._database = None

    async def _work(self, run: Run) -> None:
        while True:
            if not await self._run_next(run):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._submitted.wait(), self._poll_s)
                self._submitted.clear()

    async def _run_next(self, run: Run) -> bool:
        claimed = await self._claim()
        if claimed is None:
            return False
        call_id, request, runs = claimed
        if runs > MAX_RUNS:
            await self._finish(call_id, Failed("The service stopped twice while this job ran."))
            return True
        heartbeat = asyncio.create_task(self._keep_lease(call_id))
        try:
            await self._finish(call_id, await run(ChatRequest.model_validate_json(request)))
        except asyncio.CancelledError:
            await self._put_back(call_id)
            raise
        finally:
            heartbeat.cancel()
        return True

    async def _claim(self) -> tuple[str, str, int] | None:
        # The look costs no write lock; only a worker that sees a job takes one.
        now = time.time()
        if await self._row(WAITING, (now,)) is None:
            return None
        row = await self._row(CLAIM, {"now": now, "lease_until": now + self._lease_s})
        return None if row is None else (row[0], row[1], row[2])

    async def _keep_lease(self, call_id: str) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            await self._execute(
                "UPDATE jobs SET lease_until = ? WHERE call_id = ? AND state = 'running'",
                (time.time() + self._lease_s, call_id),
            )

    async def _put_back(self, call_id: str) -> None:
        await self._execute(
            "UPDATE jobs SET state = 'queued', runs = runs - 1 WHERE call_id = ?", (call_id,)
        )

    async def _finish(self, call_id: str, outcome: Done | Failed) -> None:
        row: tuple[str | None, ...]
        match outcome:
            case Done(completion):
                row = ("done", completion.model_dump_json(), None, None, call_id)
            case Failed(error=error, traceback=traceback):
                row = ("failed", None, error, traceback, call_id)
        await self._execute(FINISH, row)

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
