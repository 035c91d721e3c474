"""The list of threads."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from app.services.threads.database import Database, statement

LIST = """
SELECT thread_id, COUNT(*), SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END),
    MIN(created), MAX(updated)
FROM swath_turns WHERE kind = 'ask' {only}
GROUP BY thread_id ORDER BY MAX(updated) DESC, thread_id LIMIT ? OFFSET ?
"""
IDLE = """
SELECT thread_id FROM swath_turns WHERE 1 = 1 {only} GROUP BY thread_id
HAVING MAX(updated) < ? AND SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END) = 0
"""


class ThreadSummary(BaseModel):
    """A thread at a glance; times are in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    thread_id: str
    turns: int
    open_turns: int
    created: float
    updated: float


class Catalogue:
    """What threads there are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(
        self, limit: int = 100, offset: int = 0, owner: str | None = None
    ) -> list[ThreadSummary]:
        """The threads of an owner (None: all) under their stored names, the last used first."""
        only, values = _of(owner)
        found = await self._database.run(statement(LIST.format(only=only), *values, limit, offset))
        return [_summary(row) for row in found[0]]

    async def thread(self, thread_id: str) -> ThreadSummary | None:
        """One thread."""
        sql = LIST.format(only="AND thread_id = ?")
        [rows] = await self._database.run(statement(sql, thread_id, 1, 0))
        return _summary(rows[0]) if rows else None

    async def idle_since(self, moment: float, owner: str | None = None) -> list[str]:
        """The threads of an owner (None: all) whose last turn ended before a moment."""
        only, values = _of(owner)
        [rows] = await self._database.run(statement(IDLE.format(only=only), *values, moment))
        return [thread_id for (thread_id,) in rows]

    async def images(self) -> set[str]:
        """The pictures that turns were asked about."""
        sql = "SELECT DISTINCT image_url FROM swath_turns WHERE image_url IS NOT NULL"
        [rows] = await self._database.run(statement(sql))
        return {url for (url,) in rows}


def _of(owner: str | None) -> tuple[str, tuple[str, ...]]:
    """The condition for an owner's threads, and its values."""
    if owner is None:
        return "", ()
    if not owner:
        return "AND thread_id NOT LIKE ?", ("%:%",)
    return "AND substr(thread_id, 1, length(?)) = ?", (f"{owner}:", f"{owner}:")


def _summary(row: tuple[object, ...]) -> ThreadSummary:
    return ThreadSummary.model_validate(dict(zip(ThreadSummary.model_fields, row, strict=True)))
