"""Which jobs a turn has submitted, so that none is submitted twice: a crash forgets nothing."""

from __future__ import annotations

from typing import Protocol

from app.services.threads.ledger import Ledger


class JobNotes(Protocol):
    """What a node needs to submit the job of a task once.

    A task is named by its index in the turn's plan ("0", "1", ...); a turn that runs again after a
    crash has the same plan.
    """

    def key(self, task: str) -> str:
        """The job's idempotency key, for services that know such; empty where there is none."""
        ...

    def submitted(self, task: str) -> str | None:
        """The call id of the job that was submitted for the task before."""
        ...

    async def note(self, task: str, call_id: str) -> None:
        """Remembers a job, before it is asked about."""
        ...


class NoNotes:
    """Remembers nothing: for graphs that run without a ledger."""

    def key(self, task: str) -> str:  # noqa: ARG002
        """No key."""
        return ""

    def submitted(self, task: str) -> str | None:  # noqa: ARG002
        """None was."""
        return None

    async def note(self, task: str, call_id: str) -> None:
        """Forgets it."""


class LedgerNotes:
    """The notes of one turn, in the ledger.

    Args:
        ledger: where they are kept.
        turn_id: the turn.
        known: what an earlier run of it noted: call ids by task.
    """

    def __init__(self, ledger: Ledger, turn_id: str, known: dict[str, str]) -> None:
        self._ledger = ledger
        self._turn_id = turn_id
        self._known = known

    def key(self, task: str) -> str:
        """The turn and the task."""
        return f"{self._turn_id}/{task}"

    def submitted(self, task: str) -> str | None:
        """What is noted."""
        return self._known.get(task)

    async def note(self, task: str, call_id: str) -> None:
        """Writes it down."""
        self._known[task] = call_id
        await self._ledger.note_job(self._turn_id, task, call_id)
