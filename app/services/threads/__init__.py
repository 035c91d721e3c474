"""Where threads are remembered: checkpoints, the ledger of turns and the transcript.

    async with open_threads(settings.threads_place, ...) as threads:
        await threads.transcript.read("thread")

One SQLite file on one machine, or a PostgreSQL database that many machines share. What is said of
`app.services.threads.database.Database` holds of both.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver

from app.services.threads.catalogue import Catalogue
from app.services.threads.database import Database
from app.services.threads.ledger import Ledger
from app.services.threads.transcript import Transcript

__all__ = ["Threads", "images_in_use", "open_threads"]


@dataclass(frozen=True, slots=True)
class Threads:
    """All that is remembered of threads, in one database."""

    database: Database
    checkpoints: BaseCheckpointSaver[str]
    ledger: Ledger
    transcript: Transcript
    catalogue: Catalogue


@contextlib.asynccontextmanager
async def open_threads(place: str | Path) -> AsyncIterator[Threads]:
    """The threads of a file, or of a `postgresql://` database; its tables are made where missing.

    Raises:
        DatabaseTrouble: it cannot be used; the hint says what to do.
    """
    async with _opened(place) as (database, checkpoints):
        yield Threads(
            database, checkpoints, Ledger(database), Transcript(database), Catalogue(database)
        )


def _opened(
    place: str | Path,
) -> AbstractAsyncContextManager[tuple[Database, BaseCheckpointSaver[str]]]:
    # Each is loaded only where it is used: the driver of PostgreSQL is an extra.
    if isinstance(place, Path):
        from app.services.threads.sqlite import open_sqlite  # noqa: PLC0415

        return open_sqlite(place)
    from app.services.threads.postgres import open_postgres  # noqa: PLC0415

    return open_postgres(place)


async def images_in_use(threads: Threads) -> set[str]:
    """The pictures that any thread refers to, as `sha256:...`."""
    used = await threads.catalogue.images()
    async for saved in threads.checkpoints.alist(None):  # runs that no ledger knows of
        if url := saved.checkpoint["channel_values"].get("image_url"):
            used.add(str(url))
    return used
