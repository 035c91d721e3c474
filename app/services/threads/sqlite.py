"""Threads in one SQLite file: many processes of one machine, one writer at a time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from app.errors import DatabaseTrouble
from app.services.threads.database import Row, Statement, statement
from app.services.threads.filelock import locked, try_lock
from app.services.threads.schema import migrate

TRIM = tuple(
    f"""
    DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < (
        SELECT MAX(last.checkpoint_id) FROM checkpoints last
        WHERE last.thread_id = ? AND last.checkpoint_ns = {table}.checkpoint_ns)
    """  # noqa: S608 - two names
    for table in ("writes", "checkpoints")
)
BUSY_S = 10  # how long a writer waits for another one


@contextlib.asynccontextmanager
async def open_sqlite(
    path: Path,
) -> AsyncIterator[tuple[SqliteDatabase, BaseCheckpointSaver[str]]]:
    """The database of a file that only its owner may read, and the graph's checkpoints in it."""
    async with contextlib.AsyncExitStack() as stack:
        with told_sqlite(path):
            _make_private(path)
            async with locked(path.with_suffix(".setup.lock")):
                database = stack.enter_context(_opened(path))
                # aiosqlite, since LangGraph's saver knows no other.
                own = await stack.enter_async_context(aiosqlite.connect(path, timeout=BUSY_S))
                await own.execute("PRAGMA synchronous = NORMAL")
                saver = AsyncSqliteSaver(own, serde=JsonPlusSerializer(pickle_fallback=False))
                await saver.setup()
                await migrate(database)
        yield database, saver


class SqliteDatabase:
    """A `Database` in a file. Statements run in a thread, and one transaction at a time.

    Args:
        path: the file.
        connection: in autocommit mode, for any thread.
        owners: the folder in which every process that uses the file holds a lock.
        owner: the name of this process's lock there.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, owners: Path, owner: str
    ) -> None:
        self.owner = owner
        self._path = path
        self._connection = connection
        self._owners = owners
        self._turn = anyio.CapacityLimiter(1)
        self._alone = threading.Lock()  # a cancelled caller leaves its thread at work

    async def run(self, *statements: Statement, thread_id: str | None = None) -> list[list[Row]]:
        """Runs the statements as one transaction; the file's one writer is alone with all."""
        del thread_id
        return await anyio.to_thread.run_sync(self._run, statements, limiter=self._turn)

    def _run(self, statements: tuple[Statement, ...]) -> list[list[Row]]:
        with told_sqlite(self._path), self._alone:
            if len(statements) == 1:
                return [self._rows(statements[0])]
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                found = [self._rows(each) for each in statements]
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            return found

    def _rows(self, each: Statement) -> list[Row]:
        return self._connection.execute(each.sql, each.values).fetchall()

    def close(self) -> None:
        """Closes the file once no statement runs; one that comes later is refused."""
        with self._alone:
            self._connection.close()

    async def alive(self, owner: str) -> bool:
        """Whether that process still holds its lock; the file of a dead one is removed."""
        return owner == self.owner or not _removed_if_dead(self._owners / owner)

    async def trim(self, thread_id: str) -> None:
        """Removes a thread's checkpoints but the last."""
        await self.run(*(statement(sql, thread_id, thread_id) for sql in TRIM))

    def told(self) -> AbstractContextManager[None]:
        """Turns this database's errors into ours."""
        return told_sqlite(self._path)


def _removed_if_dead(lock: Path) -> bool:
    if not lock.exists():
        return True
    descriptor = try_lock(lock)
    if descriptor is None:
        return False
    lock.unlink(missing_ok=True)
    os.close(descriptor)
    return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[SqliteDatabase]:
    owners, owner = path.with_suffix(".owners"), uuid.uuid4().hex
    owners.mkdir(exist_ok=True, mode=0o700)
    for left in owners.iterdir():  # by processes that were killed
        _removed_if_dead(left)
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    database = SqliteDatabase(path, connection, owners, owner)
    descriptor = try_lock(owners / owner)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        yield database
    finally:
        database.close()
        (owners / owner).unlink(missing_ok=True)
        if descriptor is not None:
            os.close(descriptor)


@contextlib.contextmanager
def told_sqlite(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        busy = "locked" in str(error)
        hint = (
            "Another program holds it; try again, or move many servers to PostgreSQL with "
            "SWATH_DATABASE_URL."
            if busy
            else "Check SWATH_DATA_DIR, its rights and its free space."
        )
        message = f"The database {path} cannot be used: {error}"
        raise DatabaseTrouble(message, hint=hint) from error


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
