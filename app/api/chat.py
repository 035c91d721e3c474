"""POST /api/chat: a message in, a turn out, whole or as it comes."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.beginning import begun
from app.api.dependencies import CurrentAgent, CurrentTurns
from app.api.event_stream import EventStream, gone
from app.api.faults import STATUS_OF_CODE, answer_of
from app.api.live import LiveTurn
from app.api.request_id import current_request_id
from app.api.shape import ASKING_A_MODEL, SENT_AGAIN
from app.api.strict_json import StrictRoute
from app.errors import SwathError
from app.owners import THREAD_ID
from app.state import TaskName, VqaType
from app.turn import Turn
from imagery import ImageryError

router = APIRouter(tags=["chat"], route_class=StrictRoute)
SSE = "text/event-stream"
FIRST_S = 1.0  # what goes wrong so soon has a status of its own in a stream too


class ChatMessage(BaseModel):
    """A message of a thread."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(default="", description="a question; empty asks for a caption")
    image: str | None = Field(
        default=None,
        min_length=1,
        description="an https URL, a data: URI, or an image id; absent means the thread's last one",
    )
    thread_id: str | None = Field(default=None, description="absent starts a new thread")
    task: TaskName | None = Field(default=None, description="decides what is asked, if given")
    vqa_type: VqaType | None = Field(default=None, description="decides the kind of question")
    continue_on_disconnect: bool = Field(
        default=False, description="whether the turn goes on when nobody waits for it any more"
    )


@router.post(
    "/api/chat",
    response_model=Turn,
    responses={
        200: {"content": {SSE: {}}},
        **ASKING_A_MODEL,
        **SENT_AGAIN,
    },
)
async def chat(
    request: Request,
    said: ChatMessage,
    agent: CurrentAgent,
    turns: CurrentTurns,
    idempotency_key: Annotated[str | None, Header()] = None,
    accept: Annotated[str, Header()] = "",
) -> Any:
    """Answers a message about an image.

    With `Accept: text/event-stream` the answer comes as events: `turn`, `node`, `token`, `log`,
    `progress`, `answer`, and at the end one `done` or `error`. Sent again with its
    `Idempotency-Key`, a message is not asked again.

    A turn whose service did not answer is part of the thread like any other; its status here is
    that of the failure, and the body is the turn with its `error`.
    """
    streams = SSE in accept
    structlog.contextvars.bind_contextvars(thread_id=_shown(said.thread_id))
    live, replayed = await begun(agent, turns, said.model_dump(), idempotency_key, heard=streams)
    structlog.contextvars.bind_contextvars(turn_id=live.turn_id)
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    if not streams:
        await answered(live, request)
        return in_one_piece(live, headers)
    await live.first(FIRST_S)
    if live.error and live.silent:
        return refused(live.error)
    return EventStream(live.events(0), {**headers, "X-Turn-Id": live.turn_id})


async def answered(live: LiveTurn, request: Request) -> None:
    """Returns when the turn has ended, or the caller has gone away."""
    left = asyncio.create_task(gone(request.receive))
    ended = asyncio.create_task(live.ended.wait())
    with live.reader():
        try:
            await asyncio.wait({left, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            ended.cancel()
            await asyncio.gather(left, ended, return_exceptions=True)


def _shown(thread_id: str | None) -> str | None:
    """A thread's id for the log; a caller's megabytes for one are not for it."""
    return thread_id if thread_id and re.fullmatch(THREAD_ID, thread_id) else None


def refused(error: Exception) -> Response:
    """The answer of a turn that could not be run. Raised, a kept error would keep the request."""
    if isinstance(error, SwathError | ImageryError):
        return answer_of(error)
    raise error


def in_one_piece(live: LiveTurn, headers: dict[str, str]) -> Response:
    """The answer of a turn that has ended; nobody reads that of one that has not."""
    if live.error:
        return refused(live.error)
    if live.turn is None:
        return Response(status_code=499)
    error = live.turn.error
    status = STATUS_OF_CODE.get(error["code"], 502) if error else 200
    body = live.turn.model_dump(mode="json")
    if error:
        body["error"]["request_id"] = current_request_id()
    return JSONResponse(body, status, headers)
