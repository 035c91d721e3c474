"""Where threads are remembered: LangGraph's checkpoints in one SQLite file."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


@contextlib.asynccontextmanager
async def thread_store(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """The saver over a file that only its owner may read."""
    _make_private(path)
    async with aiosqlite.connect(path, timeout=10) as database:
        await database.execute("PRAGMA synchronous = NORMAL")
        saver = AsyncSqliteSaver(database, serde=JsonPlusSerializer(pickle_fallback=False))
        await saver.setup()
        yield saver


async def images_in_use(threads: AsyncSqliteSaver) -> set[str]:
    """The pictures that any thread refers to, as `sha256:...`."""
    return {
        str(url)
        async for saved in threads.alist(None)
        if (url := saved.checkpoint["channel_values"].get("image_url"))
    }


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
