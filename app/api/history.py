"""A thread's past: its checkpoints with their state, forks from them, and traces of its turns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot
from pydantic import BaseModel, ConfigDict, Field

from app.agent import Agent
from app.api import whose
from app.api.dependencies import CurrentAgent, CurrentTurns
from app.api.event_stream import unless_gone
from app.api.operations import svg
from app.api.strict_json import StrictRoute
from app.drawing import drawn
from app.replaying import replay
from app.running import config_of
from app.tracing import traced
from app.turn import Turn

router = APIRouter(prefix="/api/threads/{thread_id}", tags=["history"], route_class=StrictRoute)


# No more than an id or a node can be: PostgreSQL, for one, takes no null character.
NAME = r"^[A-Za-z0-9_-]{1,64}$"


class CheckpointState(BaseModel):
    """A moment of a thread; `next` are the nodes that ran after it, none at a turn's end.

    `state` is what the graph knew: words and references, never a picture's bytes.
    """

    checkpoint_id: str
    created: str | None
    turn_id: str | None
    next: list[str]
    state: dict[str, Any]


class CheckpointPage(BaseModel):
    """Checkpoints, the latest first; `next_before` is null on the last page."""

    checkpoints: list[CheckpointState]
    next_before: str | None


class Replay(BaseModel):
    """Where a thread is forked, and what is asked there."""

    model_config = ConfigDict(extra="forbid")

    checkpoint: str = Field(
        pattern=NAME, description="a checkpoint's id, or a node of the last turn"
    )
    message: str | None = Field(default=None, description="another message; absent: the same")
    new_thread_id: str | None = Field(default=None, description="the fork's id; absent: a new one")


@router.get("/checkpoints")
async def checkpoints(
    thread_id: str,
    agent: CurrentAgent,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[str | None, Query(pattern=NAME, description="a checkpoint's id")] = None,
) -> CheckpointPage:
    """The thread's checkpoints. One a turn is kept, of every step with SWATH_DURABILITY=debug."""
    await whose.thread(agent, thread_id)
    found = await _snapshots(agent, whose.stored(agent, thread_id), limit + 1, before)
    kept = [_checkpoint(one) for one in found[:limit]]
    more = kept[-1].checkpoint_id if len(found) > limit else None
    return CheckpointPage(checkpoints=kept, next_before=more)


@router.post("/replay")
async def fork(
    request: Request, thread_id: str, wanted: Replay, agent: CurrentAgent, turns: CurrentTurns
) -> Turn:
    """Runs a turn again from a checkpoint, in a new thread; this one stays as it is.

    With another message the turn is routed anew, over what the thread knew there.
    """
    await whose.thread(agent, thread_id)
    here = whose.stored(agent, thread_id)
    turn = replay(agent, here, wanted.checkpoint, wanted.message, wanted.new_thread_id)
    return await unless_gone(request, turn, turns.leaving)


@router.get(
    "/turns/{turn}/trace",
    response_class=Response,
    responses={200: {"content": {"application/json": {}, "image/svg+xml": {}, "text/plain": {}}}},
)
async def trace(
    thread_id: str,
    turn: Annotated[str, Path(pattern=NAME)],
    agent: CurrentAgent,
    format: Literal["json", "svg", "mermaid"] = "json",  # noqa: A002
) -> Response:
    """What a turn (by its number or id) did, node by node; or the graph with its path."""
    await whose.thread(agent, thread_id)
    found = await traced(agent.threads, agent.graph, whose.stored(agent, thread_id), turn)
    if format == "json":
        return JSONResponse(asdict(found))
    drawing = drawn(agent.graph, format, found.run)
    return svg(drawing) if format == "svg" else PlainTextResponse(drawing)


async def _snapshots(
    agent: Agent, thread_id: str, limit: int, before: str | None
) -> list[StateSnapshot]:
    config = config_of(thread_id)
    last: RunnableConfig | None = None
    if before:
        last = config_of(thread_id)
        last["configurable"]["checkpoint_id"] = before
    history = agent.graph.aget_state_history(config, before=last, limit=limit)
    with agent.threads.database.told():
        return [snapshot async for snapshot in history]


def _checkpoint(one: StateSnapshot) -> CheckpointState:
    return CheckpointState(
        checkpoint_id=str(one.config["configurable"]["checkpoint_id"]),
        created=one.created_at,
        turn_id=(one.metadata or {}).get("run_id"),
        next=list(one.next),
        state={name: _plain(value) for name, value in dict(one.values).items()},
    )


def _plain(value: Any) -> Any:
    match value:
        case BaseMessage():
            kept = {"role": "user" if value.type == "human" else "assistant", "id": value.id}
            return {**kept, "content": value.text, "metadata": dict(value.additional_kwargs)}
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case _:
            return value
