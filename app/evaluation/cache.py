"""Answers that were given before, by (image, question, model, parameters)."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Self

import orjson

from app.batch.rows import Problem, Result


class AnswerCache:
    """A file of answers; failures are never kept.

    Args:
        path: the file.
        asked_of: who answers, and with which parameters; another one has other answers.
    """

    def __init__(self, path: Path, asked_of: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._asked_of = asked_of
        self._rows = sqlite3.connect(path, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=NORMAL")
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, result BLOB) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        """The cache itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        self._rows.close()

    def get(self, image_sha256: str, question: str) -> Result | None:
        """The answer that was given."""
        key = self._key(image_sha256, question)
        row = self._rows.execute("SELECT result FROM answers WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        found = orjson.loads(row[0])
        problem = found.pop("problem")
        found["caveats"] = tuple(found["caveats"])
        found["measurements"] = tuple(found["measurements"])
        return Result(**found, problem=Problem(**problem) if problem else None)

    def put(self, image_sha256: str, question: str, result: Result) -> None:
        """Keeps an answer."""
        if result.status != "failed":
            key = self._key(image_sha256, question)
            body = orjson.dumps(asdict(result))
            self._rows.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, body))

    def _key(self, image_sha256: str, question: str) -> str:
        parts = orjson.dumps([image_sha256, question, self._asked_of])
        return hashlib.sha256(parts).hexdigest()
