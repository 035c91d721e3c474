"""Threads in PostgreSQL: any number of machines. Needs the extra: `pip install swath[postgres]`."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from app.errors import DatabaseTrouble
from app.services.threads.database import Row, Statement, statement
from app.services.threads.schema import migrate

try:
    import psycopg
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row, tuple_row
    from psycopg_pool import AsyncConnectionPool, PoolTimeout
except ImportError as error:
    raise DatabaseTrouble(
        "SWATH_DATABASE_URL names a PostgreSQL database, and its driver is not installed.",
        hint="Install it:  pip install 'swath[postgres]'",
    ) from error

Connection = psycopg.AsyncConnection[Any]
Pool = AsyncConnectionPool[psycopg.AsyncConnection[dict[str, Any]]]

CONNECT_S = 10
PLACES = 10  # connections of one process; LangGraph's saver uses one at a time
SETUP_KEY = 7_927_334_110  # any number, so long as it is always the same
TURNS_CLASS = 79_273  # the class of the threads' locks, beside which other programs may have theirs
GUARD_S = 2
PAUSE_S = 0.05
# A machine that vanishes is noticed in half a minute, not after the system's two hours.
KEEPALIVE = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
SET tcp_keepalives_count = 4"


BY_JOIN = """inner join checkpoint_blobs bl
            on bl.thread_id = checkpoints.thread_id
            and bl.checkpoint_ns = checkpoints.checkpoint_ns
            and bl.channel = jsonb_each_text.key
            and bl.version = jsonb_each_text.value
"""
BY_KEY = """inner join lateral (
            select * from checkpoint_blobs b
            where b.thread_id = checkpoints.thread_id
            and b.checkpoint_ns = checkpoints.checkpoint_ns
            and b.channel = jsonb_each_text.key
            and b.version = jsonb_each_text.value limit 1) bl on true
"""


class KeyedSaver(AsyncPostgresSaver):
    """LangGraph's saver, which looks a checkpoint's values up one by one.

    Its own join is planned as a read of all values that the thread ever had, 9 ms at 1,000 turns.
    """

    SELECT_SQL = AsyncPostgresSaver.SELECT_SQL.replace(BY_JOIN, BY_KEY)


@contextlib.asynccontextmanager
async def open_postgres(
    url: str,
) -> AsyncIterator[tuple[PostgresDatabase, BaseCheckpointSaver[str]]]:
    """The database and the graph's checkpoints in it, over one pool of connections."""
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: Pool = AsyncConnectionPool(
        url, kwargs=options, min_size=1, max_size=PLACES, timeout=CONNECT_S, open=False
    )
    async with contextlib.AsyncExitStack() as stack:
        with told_postgres():
            # First, since it tells at once why a server cannot be reached; the pool would wait.
            lifeline = await stack.enter_async_context(_held(url))
            await stack.enter_async_context(_closing(pool))
            saver = KeyedSaver(pool, serde=JsonPlusSerializer(pickle_fallback=False))
            database = PostgresDatabase(pool, lifeline.owner, saver)
            async with lifeline.alone(SETUP_KEY):
                await saver.setup()
                await migrate(database)
        yield database, saver


class PostgresDatabase:
    """A `Database` over a pool.

    Args:
        pool: of connections in autocommit mode.
        owner: the number that this process holds an advisory lock on for as long as it lives.
        saver: the graph's checkpoints.
    """

    def __init__(self, pool: Pool, owner: str, saver: AsyncPostgresSaver) -> None:
        self.owner = owner
        self._pool = pool
        self._saver = saver

    async def run(self, *statements: Statement, thread_id: str | None = None) -> list[list[Row]]:
        """Runs the statements as one transaction, in as few round trips as can be."""
        if thread_id is None:
            return await self._run(statements)
        lock = statement("SELECT pg_advisory_xact_lock(?, hashtext(?))", TURNS_CLASS, thread_id)
        return (await self._run((lock, *statements)))[1:]

    async def _run(self, statements: tuple[Statement, ...]) -> list[list[Row]]:
        with told_postgres():
            async with (
                self._pool.connection() as connection,
                connection.pipeline() as pipeline,
                connection.transaction(),
            ):
                cursors = [connection.cursor(row_factory=tuple_row) for _ in statements]
                for cursor, each in zip(cursors, statements, strict=True):
                    await cursor.execute(each.sql.replace("?", "%s"), each.values)
                await pipeline.sync()
                return [await _rows(cursor) for cursor in cursors]

    async def alive(self, owner: str) -> bool:
        """Whether that process still holds its lock."""
        if owner == self.owner:
            return True
        [[(free,)]] = await self.run(statement("SELECT pg_try_advisory_xact_lock(?)", int(owner)))
        return not free

    async def trim(self, thread_id: str) -> None:
        """Removes a thread's checkpoints but the last."""
        with told_postgres():
            await self._saver.aprune([thread_id])

    def told(self) -> AbstractContextManager[None]:
        """Turns this database's errors into ours."""
        return told_postgres()


async def _rows(cursor: psycopg.AsyncCursor[Any]) -> list[Row]:
    return await cursor.fetchall() if cursor.description else []


class Lifeline:
    """A connection of its own, whose lock tells other processes that this one lives.

    PostgreSQL frees the lock when the connection ends. Where it is cut, and the process is not, it
    is taken again; turns that others took over meanwhile are theirs.
    """

    def __init__(self, url: str, guard_s: float = GUARD_S) -> None:
        self.owner = str(secrets.randbits(62))
        self.connected: Connection | None = None
        self._url = url
        self._guard_s = guard_s

    async def connect(self) -> Connection:
        """Connects, and takes the lock."""
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_S
        )
        await connection.execute(KEEPALIVE)
        await connection.execute("SELECT pg_advisory_lock(%s)", [int(self.owner)])
        self.connected = connection
        return connection

    async def close(self) -> None:
        """Lets go, so that others see it at once; a server frees a closed session's locks later."""
        if self.connected:
            with contextlib.suppress(psycopg.Error):
                await self.connected.execute("SELECT pg_advisory_unlock_all()")
            await self.connected.close()

    async def guard(self) -> None:
        """Connects again whenever the connection was cut, for ever."""
        while True:
            await asyncio.sleep(self._guard_s)
            with contextlib.suppress(psycopg.Error):
                if self.connected is None or self.connected.closed:
                    await self.connect()
                else:
                    await self.connected.execute("SELECT 1")

    @contextlib.asynccontextmanager
    async def alone(self, key: int) -> AsyncIterator[None]:
        """Holds another lock while entered.

        It is asked for again and again: a session that waits for it would hold a snapshot, and
        the index that the holder builds concurrently would wait for that.
        """
        connection = self.connected or await self.connect()

        async def taken() -> bool:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [key])
            row = await cursor.fetchone()
            return bool(row and row[0])

        while not await taken():  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(PAUSE_S)
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextlib.asynccontextmanager
async def _held(url: str) -> AsyncIterator[Lifeline]:
    lifeline = Lifeline(url)
    await lifeline.connect()
    guard = asyncio.create_task(lifeline.guard())
    try:
        yield lifeline
    finally:
        guard.cancel()
        await asyncio.gather(guard, return_exceptions=True)
        await lifeline.close()


@contextlib.asynccontextmanager
async def _closing(pool: Pool) -> AsyncIterator[None]:
    try:
        await pool.open(wait=True, timeout=CONNECT_S)
        yield
    finally:
        await pool.close()


@contextlib.contextmanager
def told_postgres() -> Iterator[None]:
    """Turns the driver's errors into ours; none of them shows the password."""
    try:
        yield
    except (psycopg.Error, PoolTimeout) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise DatabaseTrouble(
            f"The PostgreSQL database cannot be used: {reason[0]}",
            hint="Check SWATH_DATABASE_URL, that the server runs, and that it takes connections.",
        ) from error
