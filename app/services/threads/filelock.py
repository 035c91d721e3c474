"""Locks on files: the system lets go of them when their holder dies, however it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

PAUSE_S = 0.02


def try_lock(path: Path) -> int | None:
    """Locks the file and returns its descriptor, or None where someone holds it.

    Close the descriptor to let go. Two locks of one process exclude each other too.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Waits for the lock, and holds it while entered."""
    while (descriptor := try_lock(path)) is None:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(PAUSE_S)
    try:
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
