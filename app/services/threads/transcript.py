"""The transcript: what was said in a thread, one row a message, never changed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.services.threads.database import Database, Statement, statement

Role = Literal["user", "assistant"]
MOST = 1000
APPEND = """
INSERT INTO swath_transcript (thread_id, sequence, turn_id, role, content, metadata, created)
SELECT thread_id,
    (SELECT COALESCE(MAX(s.sequence), 0) + 1 FROM swath_transcript s
     WHERE s.thread_id = swath_turns.thread_id),
    turn_id, ?, ?, ?, {now}
FROM swath_turns WHERE turn_id = ? AND owner = ? AND state = 'open'
"""
READ = """
SELECT sequence, turn_id, role, content, metadata, created FROM swath_transcript
WHERE thread_id = ? AND sequence > ? ORDER BY sequence LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a turn adds."""

    role: Role
    content: str
    metadata: dict[str, Any] = field(default_factory=dict)


class Message(BaseModel):
    """A message of a thread; `sequence` counts from 1, `created` is in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    sequence: int
    turn_id: str
    role: Role
    content: str
    metadata: dict[str, Any]
    created: float


class Transcript:
    """The transcripts in a database; the ledger writes them as it ends a turn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, thread_id: str, after: int = 0, limit: int = 100) -> list[Message]:
        """The messages after a sequence number, in order; at most 1,000 at once."""
        asked = statement(READ, thread_id, max(0, after), max(0, min(limit, MOST)))
        [rows] = await self._database.run(asked)
        return [
            Message(
                sequence=sequence,
                turn_id=turn_id,
                role=role,
                content=content,
                metadata=json.loads(metadata),
                created=created,
            )
            for sequence, turn_id, role, content, metadata, created in rows
        ]


def appended(said: Said, turn_id: str, owner: str) -> Statement:
    """Adds a message to a turn's thread, if the turn is open and the owner's."""
    sql = APPEND.format(now=repr(time.time()))
    return statement(sql, said.role, said.content, json.dumps(said.metadata), turn_id, owner)
