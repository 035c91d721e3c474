"""Time travel: a turn run again from one of its checkpoints, in a thread of its own.

The thread that it is forked from stays as it was, so that its transcript is only ever added to. The
fork's first checkpoint is a copy of the old one under the new turn's id; the turn then goes through
the ledger as any other does, and goes on from there, also after a crash.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot

from app.agent import Agent
from app.drawing.shape import END, START, shape_of
from app.errors import BadRequest, CheckpointNotFound, SwathError
from app.owners import stored_thread
from app.services.threads.ledger import TurnRow
from app.tracing import FORKED_FROM, turn_row, turn_snapshots, whole_id
from app.turn import Turn

STEPS_HINT = (
    "Set SWATH_DURABILITY=debug before the turn is asked, and every step is kept. Turns that were "
    "asked without it can only be gone on from, where they ended: --message."
)


async def replay(
    agent: Agent,
    thread_id: str,
    checkpoint_id: str,
    message: str | None = None,
    new_thread_id: str | None = None,
) -> Turn:
    """Runs a turn again from one of its checkpoints, in a new thread.

    With the same message only the nodes after the checkpoint run. Another message is routed anew,
    over the thread as it was before that turn, or after it where the checkpoint is its end.

    Args:
        agent: whose thread it is.
        thread_id: the thread, or as much of its id as no other begins with.
        checkpoint_id: the checkpoint, or the name of a node of the thread's last turn: the
            checkpoint before it.
        message: another message; left out, the same.
        new_thread_id: the fork's id; left out, a new one.

    Raises:
        CheckpointNotFound: there is none such, or only those of the ends of turns were kept.
        BadRequest: the turn had ended at the checkpoint and there is no message, or the thread
            that was named is there already.
        ThreadNotFound, DatabaseTrouble: as everywhere.
    """
    new_thread_id = new_thread_id or uuid.uuid4().hex
    if await agent.threads.catalogue.thread(stored_thread(agent.owner, new_thread_id)):
        raise BadRequest(f"The thread {new_thread_id!r} is there already; a fork has its own.")
    thread_id = await whole_id(agent.threads, thread_id)
    found = await _checkpoint(agent, thread_id, checkpoint_id)
    row = await _asked_by(agent, thread_id, found)
    return await RunFork(agent, found, row, new_thread_id).run(message)


class RunFork:
    """A turn of a new thread, out of a checkpoint of an old one."""

    def __init__(
        self, agent: Agent, found: StateSnapshot, row: TurnRow, new_thread_id: str
    ) -> None:
        self._agent = agent
        self._found = found
        self._row = row
        self._thread_id = new_thread_id
        self._stored_id = stored_thread(agent.owner, new_thread_id)
        self._turn_id = uuid.uuid4().hex

    async def run(self, message: str | None) -> Turn:
        """Asks another message anew, and the same one from where the checkpoint is."""
        same = str(self._row.request["message"])
        if message is not None and message != same:
            return await self.anew(message, same=False)
        if not self._found.next:
            hint = "Give another message with --message, or an earlier checkpoint."
            raise BadRequest("The turn had ended at this checkpoint.", hint=hint)
        if set(self._found.next) <= {START, *shape_of(self._agent.graph).after(START)}:
            return await self.anew(same, same=True)
        return await self.onward()

    async def anew(self, message: str, *, same: bool) -> Turn:
        """Asks a message over what the thread knew; mid-turn, without what that turn had said."""
        values = dict(self._found.values)
        if self._found.next:
            own = f"{self._row.turn_id}-"
            said = values.get("messages") or []
            values["messages"] = [one for one in said if not str(one.id).startswith(own)]
        if values.get("messages"):
            await self._copy(values, shape_of(self._agent.graph).before(END), expected=())
        return await self._ask(message, same=same)

    async def onward(self) -> Turn:
        """Runs the nodes that the checkpoint has next."""
        values = renamed(dict(self._found.values), self._row.turn_id, self._turn_id)
        shape = shape_of(self._agent.graph)
        nexts = set(self._found.next)
        led = [node for node in await self._ran_before() if nexts <= set(shape.after(node))]
        led += [node for node in shape.nodes if nexts <= set(shape.after(node))]
        await self._copy(values, led, expected=self._found.next, run_id=self._turn_id)
        return await self._ask(self._row.request["message"], same=True)

    async def _ran_before(self) -> list[str]:
        """The nodes whose writes made the checkpoint."""
        if self._found.parent_config is None:
            return []
        parent = await self._agent.graph.aget_state(self._found.parent_config)
        return list(parent.next)

    async def _copy(
        self,
        values: Mapping[str, Any],
        as_nodes: list[str],
        *,
        expected: tuple[str, ...],
        run_id: str = "",
    ) -> None:
        """The new thread's first checkpoint, which leads to the same nodes as the old one."""
        graph, threads = self._agent.graph, self._agent.threads
        config = _config(self._stored_id)
        # With the turn's id as its run_id the agent's run goes on from it; see Agent._run.
        origin = self._found.config["configurable"]
        marks = {FORKED_FROM: f"{origin['thread_id']}/{origin['checkpoint_id']}"}
        marked: RunnableConfig = {**config, "metadata": marks}
        if run_id:
            marked["metadata"] = {**marks, "run_id": run_id}
        with threads.database.told():
            for node in as_nodes:
                await graph.aupdate_state(marked, dict(values), as_node=node)
                if sorted((await graph.aget_state(config)).next) == sorted(expected):
                    return
                await threads.checkpoints.adelete_thread(self._stored_id)
        raise SwathError(
            "The checkpoint cannot be gone on from: the graph has changed since it was made.",
            hint="Give a message with --message: it is routed anew.",
        )

    async def _ask(self, message: str, *, same: bool) -> Turn:
        request = self._row.request if same else {}
        try:
            return await self._agent.ask(
                message,
                image=self._found.values.get("image_url") or self._row.image_url,
                thread_id=self._thread_id,
                turn_id=self._turn_id,
                task=request.get("task"),
                vqa_type=request.get("vqa_type"),
            )
        except Exception:
            # A thread that the ledger does not know would stay for ever.
            with contextlib.suppress(SwathError):
                if await self._agent.threads.catalogue.thread(self._stored_id) is None:
                    with self._agent.threads.database.told():
                        await self._agent.threads.checkpoints.adelete_thread(self._stored_id)
            raise


async def _checkpoint(agent: Agent, thread_id: str, wanted: str) -> StateSnapshot:
    """A checkpoint by its id, or that before a node of the last turn."""
    config = _config(thread_id)
    config["configurable"]["checkpoint_id"] = wanted
    if wanted in shape_of(agent.graph).nodes:
        row = await turn_row(agent.threads, thread_id, None)
        kept = await turn_snapshots(agent.threads, agent.graph, row)
        for snapshot in kept:
            if wanted in snapshot.next:
                return snapshot
        if not any(snapshot.next for snapshot in kept):
            message = f"Of turn {row.position} only the end was kept, not its steps."
            raise CheckpointNotFound(message, hint=STEPS_HINT)
        raise CheckpointNotFound(f"Turn {row.position} did not come to {wanted}.")
    with agent.threads.database.told():
        found = await agent.graph.aget_state(config)
    if found.created_at is None:
        hint = f"See: swath trace {thread_id} --checkpoints"
        message = f"The thread has no checkpoint {wanted[:64]!r}."
        raise CheckpointNotFound(message, hint=hint)
    return found


async def _asked_by(agent: Agent, thread_id: str, found: StateSnapshot) -> TurnRow:
    turn_id = (found.metadata or {}).get("run_id")
    row = await agent.threads.ledger.turn(str(turn_id)) if turn_id else None
    if row is None or row.thread_id != thread_id:
        raise CheckpointNotFound("The checkpoint belongs to no turn that is known.")
    return row


def renamed(values: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A turn's state as that of another turn: its id, and the ids and keys that begin with it."""
    return {key: _renamed(value, key, old, new) for key, value in values.items()}


def _renamed(value: Any, key: str, old: str, new: str) -> Any:
    match value:
        case BaseMessage():
            return value.model_copy(update={"id": _renamed(value.id, "id", old, new)})
        case Mapping():
            return {name: _renamed(one, str(name), old, new) for name, one in value.items()}
        case list():
            return [_renamed(one, key, old, new) for one in value]
        case str() if key in ("turn_id", "id", "key"):
            own = value == old or value.startswith((f"{old}-", f"{old}/"))
            return new + value[len(old) :] if own else value
        case _:
            return value


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
