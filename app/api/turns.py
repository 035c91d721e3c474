"""A turn by its id: its state and answer, its events from where a reader left off, its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from app.agent import Agent
from app.api import whose
from app.api.dependencies import CurrentAgent, CurrentTurns
from app.api.event_stream import EventStream
from app.api.live import LiveTurn, error_of, going
from app.api.live_turns import LiveTurns
from app.api.told import END, PING, done
from app.errors import DatabaseTrouble, SwathError, TurnElsewhere, TurnNotFound
from app.services.threads.ledger import TurnRow
from app.turn import Turn, recorded

router = APIRouter(prefix="/api/turns/{turn_id}", tags=["turns"])
POLL_S = 0.25
PING_EVERY_S = 15.0
LATER = "later"  # the id of a last event after which there is more to come


class TurnStatus(BaseModel):
    """How a turn stands; `error` is of one that has ended without an answer."""

    turn_id: str
    thread_id: str
    state: Literal["open", "answered", "failed", "cancelled"]
    created: float | None = Field(description="when it was taken, in seconds since 1970")
    turn: Turn | None = None
    error: dict[str, Any] | None = None


@router.get("")
async def status(turn_id: str, agent: CurrentAgent, turns: CurrentTurns) -> TurnStatus:
    """A turn's state, and its answer once it has one."""
    try:
        return _status(await whose.turn(agent, turn_id))
    except TurnNotFound:
        live = turns.of_id(whose.owner(agent), turn_id)
        if live is None or live.turn:  # the thread of one that was answered is deleted
            raise
        return _not_taken(live)


@router.get(
    "/events",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}},
        204: {"description": "all has been read: the last event's id was `end`"},
    },
)
async def events(
    turn_id: str,
    agent: CurrentAgent,
    turns: CurrentTurns,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What a turn tells, after `Last-Event-ID`: each event once, from 5 minutes after its end on
    and after a restart of the server the last one alone.
    """  # noqa: D205 - one sentence
    live = turns.of_id(whose.owner(agent), turn_id)
    # The log of one that was answered is no more to be read than its thread is.
    row = None if live and not live.turn else await whose.turn(agent, turn_id)
    if last_event_id == END:
        return Response(status_code=204)
    if live:
        return EventStream(live.events(live.place(last_event_id)))
    return EventStream(_end_of(agent, row.turn_id if row else turn_id, turns))


@router.post("/cancel")
async def cancel(turn_id: str, agent: CurrentAgent, turns: CurrentTurns) -> TurnStatus:
    """Ends a turn that runs, and what a service does for it; one that has ended is left as it is.

    409 where another server runs it.
    """
    live = turns.of_id(whose.owner(agent), turn_id)
    if live and not live.ended.is_set():
        live.cancel()
        await live.ended.wait()
        return await status(turn_id, agent, turns)
    row = await whose.turn(agent, turn_id)
    if row.state == "open" and not await agent.turns.cancel_left(row):
        hint = "Ask again in a moment, or close the connection that waits for it."
        raise TurnElsewhere("The turn runs where it cannot be cancelled from here.", hint=hint)
    return await status(turn_id, agent, turns)


def _status(row: TurnRow) -> TurnStatus:
    found = TurnStatus(
        turn_id=row.turn_id,
        thread_id=whose.shown(row.thread_id),
        state=row.state,
        created=row.created,
    )
    if row.state == "open":
        return found
    try:
        return found.model_copy(update={"turn": recorded(row)})
    except SwathError as error:
        return found.model_copy(update={"error": error_of(error, row.turn_id).data["error"]})


def _not_taken(live: LiveTurn) -> TurnStatus:
    """A turn whose picture is still being fetched, or could not be."""
    ended = live.ended.is_set()
    return TurnStatus(
        turn_id=live.turn_id,
        thread_id=live.thread_id or "",
        state="failed" if ended else "open",
        created=None,
        error=error_of(live.error, live.turn_id).data["error"] if ended else None,
    )


async def _end_of(agent: Agent, turn_id: str, turns: LiveTurns) -> AsyncGenerator[bytes]:
    """The last event of a turn that runs elsewhere, or ended long ago, as the ledger has it."""
    pinged = time.monotonic()
    try:
        while (row := await whose.turn(agent, turn_id)).state == "open":
            if turns.leaving.is_set():
                yield error_of(going(turn_id), turn_id).encoded(LATER)
                return
            if time.monotonic() - pinged > PING_EVERY_S:
                pinged = time.monotonic()
                yield PING
            await asyncio.sleep(POLL_S)
        yield done(recorded(row)).encoded(END)
    except DatabaseTrouble as error:  # not the turn's end: its reader comes back
        yield error_of(error, turn_id).encoded(LATER)
    except SwathError as error:
        yield error_of(error, turn_id).encoded(END)
