"""What a turn did, read back: the ledger's log, and where steps were kept, what each changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Overwrite, StateSnapshot

from app.drawing import Run
from app.drawing.reading import run_of
from app.drawing.run import shown
from app.errors import ThreadNotFound, TurnNotFound
from app.orchestrator import Graph
from app.services.threads import Threads
from app.services.threads.ledger import TurnRow

FORKED_FROM = "forked_from"  # in the metadata of a fork's first checkpoint
MOST_STEPS = 200  # of one turn
MOST_THREADS = 10_000  # that a shortened id is looked for in


@dataclass(frozen=True, slots=True)
class Change:
    """What one execution of a node wrote: the state's keys, and what of each in a few words."""

    node: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A moment that a turn can be forked from.

    Attributes:
        after: the nodes that had run in the step before.
        next: the nodes that run next; none at the turn's end.
    """

    checkpoint_id: str
    created: str
    after: tuple[str, ...]
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A turn's run; `changes` and all but the last of `checkpoints` need SWATH_DURABILITY=debug.

    Attributes:
        forked_from: the thread and checkpoint that the turn goes on from; its earlier steps are
            those of the turn there.
    """

    run: Run
    forked_from: str = ""
    changes: tuple[Change, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()

    @property
    def stepped(self) -> bool:
        """Whether a checkpoint of every step was kept."""
        return any(each.next for each in self.checkpoints)


async def traced(threads: Threads, graph: Graph, thread_id: str, turn: str | None = None) -> Trace:
    """The trace of a thread's turn.

    Args:
        threads: where threads are kept.
        graph: the agent's graph over the same threads.
        thread_id: the thread, or as much of its id as no other begins with.
        turn: the turn's number or id; left out, the last one.

    Raises:
        ThreadNotFound, TurnNotFound: there is none, or more than one thread's id begins so.
        DatabaseTrouble: the threads cannot be read.
    """
    row = await turn_row(threads, await whole_id(threads, thread_id), turn)
    snapshots = await turn_snapshots(threads, graph, row)
    jobs = await threads.ledger.jobs(row.turn_id)
    run = run_of(_kept(row, snapshots), message=_asked(row), number=row.position, jobs=jobs)
    origin = (snapshots[0].metadata or {}).get(FORKED_FROM, "") if snapshots else ""
    return Trace(run, str(origin), _changes(snapshots), _checkpoints(snapshots))


async def whole_id(threads: Threads, beginning: str) -> str:
    """The id of the one thread whose id is or begins with these characters.

    Raises:
        ThreadNotFound: there is none, or more than one.
    """
    if await threads.catalogue.thread(beginning):
        return beginning
    known = await threads.catalogue.listed(MOST_THREADS)
    found = [each.thread_id for each in known if beginning and each.thread_id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{len(found)} threads begin with {beginning!r}."
        raise ThreadNotFound(message, hint="Give more of the id: swath threads ls")
    raise ThreadNotFound(f"There is no thread {beginning[:64]!r}.", hint="See: swath threads ls")


async def turn_row(threads: Threads, thread_id: str, turn: str | None) -> TurnRow:
    """A turn of a thread in the ledger.

    Raises:
        TurnNotFound: the thread has no such turn.
    """
    small = 10**9  # a longer number is an id of digits
    row = None
    if turn is None or (turn.isdecimal() and int(turn) < small):
        row = await threads.ledger.turn_at(thread_id, int(turn) if turn else None)
    if row is None and turn is not None:
        row = await threads.ledger.turn(turn)
    if row is None or row.thread_id != thread_id or row.kind != "ask":
        hint = f"See: swath trace {thread_id}"
        raise TurnNotFound(f"The thread has no turn {(turn or '')[:64]!r}.", hint=hint)
    return row


async def turn_snapshots(threads: Threads, graph: Graph, row: TurnRow) -> list[StateSnapshot]:
    """The checkpoints of a turn that are kept, the oldest first."""
    config: RunnableConfig = {"configurable": {"thread_id": row.thread_id, "checkpoint_ns": ""}}
    history = graph.aget_state_history(config, filter={"run_id": row.turn_id}, limit=MOST_STEPS)
    with threads.database.told():
        return [snapshot async for snapshot in history][::-1]


def _asked(row: TurnRow) -> str:
    return str(row.request.get("message") or "")


def _kept(row: TurnRow, snapshots: list[StateSnapshot]) -> dict[str, Any]:
    """The turn's record; that of one which did not end is what its last checkpoint holds."""
    found = json.loads(row.result) if row.result else {}
    here = {"thread_id": row.thread_id, "turn_id": row.turn_id}
    if "lost" in found:
        return {**here, **_so_far(snapshots), "status": "lost"}
    if not found:
        return {**here, **_so_far(snapshots), "status": row.state}
    return {**here, **found}


def _so_far(snapshots: list[StateSnapshot]) -> dict[str, Any]:
    values = snapshots[-1].values if snapshots else {}
    names = ("route", "execution_log", "tasks")
    found = {name: values[name] for name in names if values.get(name)}
    turn_id = values.get("turn_id")
    log = [entry for entry in found.get("execution_log", ()) if entry["turn_id"] == turn_id]
    return {**found, "execution_log": log}


def _changes(snapshots: list[StateSnapshot]) -> tuple[Change, ...]:
    return tuple(
        Change(task.name, {key: _briefly(value) for key, value in task.result.items()})
        for snapshot in snapshots
        for task in snapshot.tasks
        if isinstance(task.result, Mapping) and not task.name.startswith("__")
    )


def _briefly(value: object) -> str:
    """A value in a few words, without what is in it where that may be long or private."""
    match value:
        case None:
            told = "cleared"
        case str() | bool() | int() | float():
            told = shown(value, 60)
        case Overwrite():
            told = f"reset to {_briefly(value.value)}"
        case list() | tuple():
            told = f"+{len(value)}" if value else "nothing"
        case Mapping():
            told = shown(", ".join(map(str, value)), 60) or "empty"
        case _:
            told = type(value).__name__
    return told


def _checkpoints(snapshots: list[StateSnapshot]) -> tuple[Checkpoint, ...]:
    found = []
    before: tuple[str, ...] = ()
    for snapshot in snapshots:
        configured = snapshot.config["configurable"]
        checkpoint_id = str(configured["checkpoint_id"])
        found.append(Checkpoint(checkpoint_id, snapshot.created_at or "", before, snapshot.next))
        before = tuple(dict.fromkeys(snapshot.next))
    return tuple(found)
