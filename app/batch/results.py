"""The file of results: a line is on disk before it counts, whatever ends the process.

A line is handed to the system in one write, which survives `kill -9`; groups of lines are then
synced to the disk, which survives a power cut. A line that was cut short is removed on resuming.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from app.errors import SwathError
from app.services.threads.filelock import try_lock


class ResultsTrouble(SwathError):
    """The file of results cannot be used."""

    code = "results_trouble"


class Results:
    """Appends records to a file, which nobody else may do at the same time.

    Args:
        path: the file; made where it is missing.

    Raises:
        ResultsTrouble: another process writes to it.
        OSError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = locked(path)
        self._file = path.open("ab", buffering=0)
        self._changed = asyncio.Event()
        self._unsynced = 0

    def __enter__(self) -> Self:
        """The results themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Syncs what is left and lets go of the file."""
        os.fsync(self._file.fileno())
        self._file.close()
        os.close(self._lock)

    def write(self, record: dict[str, Any]) -> None:
        """Hands a record to the system.

        Raises:
            ResultsTrouble: the disk is full, or gone.
        """
        line = memoryview(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        left = line
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            # Whoever writes next finds no half of a line to go on behind.
            self._file.truncate(self._file.seek(0, os.SEEK_END) - len(line) + len(left))
            raise ResultsTrouble(
                f"{self.path.name} cannot be written: {os.strerror(error.errno or errno.EIO)}",
                hint="What is written is kept. Make room, and go on with --resume.",
            ) from error
        self._unsynced += 1
        self._changed.set()

    async def keep_syncing(self, on_synced: Callable[[int], None]) -> None:
        """Syncs for ever, a group at a time: all that was written while the last one was synced."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            count, self._unsynced = self._unsynced, 0
            await asyncio.to_thread(os.fsync, self._file.fileno())
            on_synced(count)

    def last(self) -> int:
        """Syncs what is left; how many records that were."""
        os.fsync(self._file.fileno())
        count, self._unsynced = self._unsynced, 0
        return count


def locked(path: Path) -> int:
    """The lock on a file of results, made where it is missing; close it to let go.

    Raises:
        ResultsTrouble: another process holds it.
    """
    descriptor = try_lock(path)
    if descriptor is None:
        raise ResultsTrouble(
            f"{path.name} is being written by another batch",
            hint="Wait for it to end, or name another file.",
        )
    return descriptor


def repaired(path: Path) -> int:
    """Cuts off a last line that was not written to its end; how many bytes that were."""
    if not path.exists():
        return 0
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        keep = _end_of_last_line(file, size)
        file.truncate(keep)
    return size - keep


def records_in(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of a file with their line numbers.

    Raises:
        ResultsTrouble: a line is no record.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                record = None
            if not isinstance(record, dict):
                raise ResultsTrouble(
                    f"{path.name}: line {number} is no result of a batch",
                    hint="Name the file that the batch wrote, or another one.",
                )
            yield number, record


def rewritten(path: Path, keep: Callable[[dict[str, Any]], bool]) -> int:
    """Removes the records that are not to be kept, in one step; how many these were."""
    new, removed = path.with_name(path.name + ".new"), 0
    with new.open("wb") as file:
        for _, record in records_in(path):
            if keep(record):
                file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
            else:
                removed += 1
        file.flush()
        os.fsync(file.fileno())
    if removed:
        new.replace(path)
    else:
        new.unlink()
    return removed


def _end_of_last_line(file: BinaryIO, size: int) -> int:
    block, at = 1 << 16, size
    while at > 0:
        start = max(0, at - block)
        file.seek(start)
        found = file.read(at - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        at = start
    return 0
