"""The tables beside LangGraph's checkpoints, and how an older database becomes a newer one."""

from __future__ import annotations

from app.errors import DatabaseTrouble
from app.services.threads.database import Database, statement

TABLES = (
    # One row a turn. `position` orders the turns of a thread; `owner` is who runs or ran it.
    """
    CREATE TABLE swath_turns (
        turn_id TEXT PRIMARY KEY, thread_id TEXT NOT NULL, position BIGINT NOT NULL,
        kind TEXT NOT NULL, request_key TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
        state TEXT NOT NULL, owner TEXT NOT NULL, runs INTEGER NOT NULL,
        request TEXT NOT NULL, image_url TEXT, result TEXT,
        created DOUBLE PRECISION NOT NULL, updated DOUBLE PRECISION NOT NULL,
        UNIQUE (thread_id, position))
    """,
    "CREATE INDEX swath_turns_open ON swath_turns (thread_id, position) WHERE state = 'open'",
    "CREATE INDEX swath_turns_image ON swath_turns (image_url) WHERE image_url IS NOT NULL",
    """
    CREATE TABLE swath_jobs (
        turn_id TEXT NOT NULL, task TEXT NOT NULL, call_id TEXT NOT NULL,
        PRIMARY KEY (turn_id, task))
    """,
    """
    CREATE TABLE swath_transcript (
        thread_id TEXT NOT NULL, sequence BIGINT NOT NULL, turn_id TEXT NOT NULL,
        role TEXT NOT NULL, content TEXT NOT NULL, metadata TEXT NOT NULL,
        created DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (thread_id, sequence))
    """,
)
MIGRATIONS = (TABLES,)


async def migrate(database: Database) -> None:
    """Makes or updates the tables. Nobody else may do so at the same time.

    Raises:
        DatabaseTrouble: a newer Swath made them.
    """
    await database.run(
        statement("CREATE TABLE IF NOT EXISTS swath_schema (version INTEGER PRIMARY KEY)")
    )
    [[(version,)]] = await database.run(
        statement("SELECT COALESCE(MAX(version), 0) FROM swath_schema")
    )
    if version > len(MIGRATIONS):
        raise DatabaseTrouble(
            f"The database has version {version} of Swath's tables; this Swath knows "
            f"{len(MIGRATIONS)}.",
            hint="Use the newer Swath that made it, or another database.",
        )
    for number, migration in enumerate(MIGRATIONS[version:], version + 1):
        await database.run(
            *map(statement, migration),
            statement("INSERT INTO swath_schema (version) VALUES (?)", number),
        )
