"""Where a store keeps its files: a folder of this machine, or any place that fsspec reaches.

A picture's files appear together: `ref.json` is the last to be there and the first to go.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

COMMIT = "ref.json"
STALE_S = 3600.0  # no write takes an hour: who left a temporary folder so long ago is gone
_NEW = ".new-"
PUBLISH_TRIES = 5
_HEX_DIGITS = 64
_OWNERS = "owners"
_DEPTH = 3  # ab/abcdef.../file


@dataclass(frozen=True, slots=True)
class Held:
    """The files of one picture.

    Attributes:
        sha256: of the picture's bytes, in hex.
        stored_at: when it was last put, in seconds since 1970.
        bytes: of all its files.
    """

    sha256: str
    stored_at: float
    bytes: int


class Place(Protocol):
    """A place for files, by the digest of a picture and the name of a file."""

    def read(self, sha256: str, name: str) -> bytes:
        """A file's bytes, or FileNotFoundError."""
        ...

    def write(self, sha256: str, files: dict[str, bytes]) -> None:
        """Keep all files of a picture, or none; where it is there already, nothing changes."""
        ...

    def touch(self, sha256: str) -> None:
        """Make a picture as new as one that was just written."""
        ...

    def held(self) -> Iterator[Held]:
        """What is there, in no order."""
        ...

    def remove(self, sha256: str) -> bool:
        """Remove a picture; whether it was there."""
        ...

    def sweep(self) -> None:
        """Clear away what writers that came to an end left behind."""
        ...

    def within(self, owner: str) -> Place:
        """The part of one owner, of which this place shows nothing."""
        ...

    def owners(self) -> list[str]:
        """Who has such a part."""
        ...


class Folder:
    """A folder of this machine. A failing disk raises OSError.

    A picture's folder is written beside and then renamed, which is one step to the file system.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, sha256: str, name: str) -> bytes:
        """A file's bytes."""
        return (self._of(sha256) / name).read_bytes()

    def write(self, sha256: str, files: dict[str, bytes]) -> None:
        """Keep all files of a picture, or none."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=self._root, prefix=_NEW))
        try:
            for name, data in files.items():
                _write_private(new / name, data)
            self._publish(new, self._of(sha256))
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def touch(self, sha256: str) -> None:
        """Make a picture as new as one that was just written."""
        os.utime(self._of(sha256) / COMMIT)

    def held(self) -> Iterator[Held]:
        """What is there, in no order."""
        for folder in self._root.glob("??/" + "?" * _HEX_DIGITS):
            try:
                status = [path.stat() for path in folder.iterdir()]
                stored_at = (folder / COMMIT).stat().st_mtime
            except FileNotFoundError:  # somebody has just removed it
                continue
            yield Held(folder.name, stored_at, sum(each.st_size for each in status))

    def remove(self, sha256: str) -> bool:
        """Remove a picture; whether it was there."""
        gone = Path(tempfile.mkdtemp(dir=self._root, prefix=_NEW)) if self._root.exists() else None
        if gone is None:
            return False
        try:
            self._of(sha256).rename(gone)  # takes the place of the empty folder, in one step
        except FileNotFoundError:
            return False
        finally:
            shutil.rmtree(gone, ignore_errors=True)
        return True

    def sweep(self) -> None:
        """Clear away what writers that were killed left behind."""
        for path in self._root.glob(_NEW + "*"):
            try:
                stale = time.time() - path.stat().st_mtime > STALE_S
            except FileNotFoundError:
                continue
            if stale:
                shutil.rmtree(path, ignore_errors=True)

    def within(self, owner: str) -> Folder:
        """The folder of one owner."""
        return Folder(self._root / _OWNERS / owner)

    def owners(self) -> list[str]:
        """Who has a folder."""
        return sorted(path.name for path in self._root.glob(f"{_OWNERS}/*"))

    def _of(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    @staticmethod
    def _publish(new: Path, folder: Path) -> None:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        for left in reversed(range(PUBLISH_TRIES)):
            try:
                new.rename(folder)
            except OSError:
                # Another writer was first. Its folder holds the same bytes; ours is dropped.
                if (folder / COMMIT).exists():
                    return
                if not left:  # else that folder may just have been removed, and the place is free
                    raise
            else:
                return


class Remote:
    """A place of fsspec's, such as memory:// or s3://bucket/prefix.

    Without a rename there is no first writer: of two that put the same bytes at the same time,
    the later one's reference stays.
    """

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - for such a place alone

        self._files, self._root = url_to_fs(url)
        self._url = url

    def read(self, sha256: str, name: str) -> bytes:
        """A file's bytes."""
        data: bytes = self._files.cat_file(self._path(sha256, name))
        return data

    def write(self, sha256: str, files: dict[str, bytes]) -> None:
        """Keep all files of a picture; it is there with the last of them."""
        self._files.makedirs(self._path(sha256), exist_ok=True)
        for name in sorted(files, key=lambda name: name == COMMIT):
            self._files.pipe_file(self._path(sha256, name), files[name])

    def touch(self, sha256: str) -> None:
        """Make a picture as new as one that was just written."""
        self._files.pipe_file(self._path(sha256, COMMIT), self.read(sha256, COMMIT))

    def held(self) -> Iterator[Held]:
        """What is there, in no order."""
        for sha256, files in self._folders().items():
            if COMMIT in files:
                size = sum(info.get("size") or 0 for info in files.values())
                yield Held(sha256, changed_at(files[COMMIT]), size)

    def remove(self, sha256: str) -> bool:
        """Remove a picture; whether it was there."""
        if not self._files.exists(self._path(sha256, COMMIT)):
            return False
        self._files.rm_file(self._path(sha256, COMMIT))
        self._files.rm(self._path(sha256), recursive=True)
        return True

    def sweep(self) -> None:
        """Clear away the pictures that writers did not finish."""
        for sha256, files in self._folders().items():
            newest = max(changed_at(info) for info in files.values())
            if COMMIT not in files and time.time() - newest > STALE_S:
                self._files.rm(self._path(sha256), recursive=True)

    def within(self, owner: str) -> Remote:
        """The part of one owner."""
        return Remote(f"{self._url.rstrip('/')}/{_OWNERS}/{owner}")

    def owners(self) -> list[str]:
        """Who has a part."""
        here = f"{self._root.rstrip('/')}/{_OWNERS}"
        found = self._files.ls(here, detail=False) if self._files.exists(here) else []
        return sorted(path.rstrip("/").rpartition("/")[2] for path in found)

    def _folders(self) -> dict[str, dict[str, dict[str, Any]]]:
        self._files.invalidate_cache()
        folders: dict[str, dict[str, dict[str, Any]]] = {}
        for path, info in self._files.find(self._root, detail=True).items():
            below = path.strip("/").removeprefix(self._root.strip("/")).strip("/").split("/")
            if len(below) == _DEPTH and len(below[1]) == _HEX_DIGITS:
                _, sha256, name = below
                folders.setdefault(sha256, {})[name] = info
        return folders

    def _path(self, *parts: str) -> str:
        return "/".join((self._root, parts[0][:2], *parts))


def changed_at(info: dict[str, Any]) -> float:
    """When a file was written; the name of that fact differs among fsspec's places."""
    for name in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = info.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
        if isinstance(value, str):
            return datetime.fromisoformat(value).timestamp()
    return time.time()  # unknown: never taken for old


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
