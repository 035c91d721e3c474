"""What the tables beside the graph need of a database, whichever it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Value = str | int | float | None
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with `?` for its values."""

    sql: str
    values: tuple[Value, ...] = ()


def statement(sql: str, *values: Value) -> Statement:
    """A statement and its values."""
    return Statement(sql, values)


class Database(Protocol):
    """Runs statements, and knows which processes that use it are alive.

    Attributes:
        owner: the name of this user of the database, which no other has or had.
    """

    owner: str

    async def run(self, *statements: Statement, thread_id: str | None = None) -> list[list[Row]]:
        """Runs the statements as one transaction, and returns the rows of each.

        Whoever names a thread is alone with it until the transaction's end.

        Raises:
            DatabaseTrouble: none of them was carried out.
        """
        ...

    async def alive(self, owner: str) -> bool:
        """Whether that user of the database still holds it open; a killed one does not."""
        ...

    async def trim(self, thread_id: str) -> None:
        """Removes a thread's checkpoints but the last, while no other turn of it runs."""
        ...

    def told(self) -> AbstractContextManager[None]:
        """Turns this database's errors, those of the graph's checkpoints too, into ours."""
        ...
