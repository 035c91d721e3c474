"""Threads: which there are, what was said in them, and how they are removed."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.agent import Agent
from app.api import whose
from app.api.dependencies import CurrentAgent
from app.api.exported import as_markdown
from app.api.strict_json import StrictRoute
from app.services.threads.catalogue import ThreadSummary
from app.services.threads.transcript import MOST, Message

router = APIRouter(prefix="/api/threads", tags=["threads"], route_class=StrictRoute)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class ThreadPage(BaseModel):
    """Threads, the last used first; `next_offset` is null on the last page."""

    threads: list[ThreadSummary]
    next_offset: int | None


class ThreadMessages(BaseModel):
    """A thread and what was said in it; `next_after` is null where that is all."""

    thread: ThreadSummary
    messages: list[Message]
    next_after: int | None


class Prune(BaseModel):
    """Which threads are old."""

    model_config = ConfigDict(extra="forbid")

    older_than: str = Field(
        pattern=r"^[0-9]{1,6}[smhdw]$", description="not used for so long: 12h, 30d, 8w"
    )


class Pruned(BaseModel):
    """The threads that were removed."""

    threads: list[str]


@router.get("")
async def listed(
    agent: CurrentAgent,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> ThreadPage:
    """The threads, the last used first."""
    found = await whose.threads(agent, limit + 1, offset)
    more = offset + limit if len(found) > limit else None
    return ThreadPage(threads=found[:limit], next_offset=more)


@router.post("/prune")
async def prune(which: Prune, agent: CurrentAgent) -> Pruned:
    """Removes the threads that were not used for so long; pictures stay."""
    number, unit = re.fullmatch(r"(\d+)(\w)", which.older_than).groups()  # type: ignore[union-attr]
    return Pruned(threads=await agent.prune(int(number) * SECONDS[unit]))


@router.get("/{thread_id}")
async def read(
    thread_id: str,
    agent: CurrentAgent,
    after: Annotated[int, Query(ge=0, le=10**12, description="a message's sequence")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> ThreadMessages:
    """What was said in a thread after a message, in order."""
    thread = await whose.thread(agent, thread_id)
    found = await agent.transcript(thread_id, after, limit)
    more = found[-1].sequence if len(found) == limit else None
    return ThreadMessages(thread=thread, messages=found, next_after=more)


@router.delete("/{thread_id}", status_code=204)
async def delete(thread_id: str, agent: CurrentAgent) -> None:
    """Removes all traces of a thread once its turns have ended, but for pictures."""
    await agent.delete_thread(thread_id)


@router.get(
    "/{thread_id}/export",
    response_class=Response,
    responses={200: {"content": {"application/json": {}, "text/markdown": {}}}},
)
async def export(
    thread_id: str,
    agent: CurrentAgent,
    format: Literal["json", "markdown"] = "json",  # noqa: A002
) -> Response:
    """The whole thread in a file."""
    thread = await whose.thread(agent, thread_id)
    messages = await _whole(agent, thread_id)
    suffix = "md" if format == "markdown" else "json"
    headers = {"Content-Disposition": f'attachment; filename="{thread.thread_id}.{suffix}"'}
    if format == "markdown":
        text = as_markdown(thread, messages)
        return Response(text.encode(errors="replace"), 200, headers, "text/markdown")
    found = ThreadMessages(thread=thread, messages=messages, next_after=None)
    return JSONResponse(found.model_dump(mode="json", exclude={"next_after"}), 200, headers)


async def _whole(agent: Agent, thread_id: str) -> list[Message]:
    found: list[Message] = []
    after = 0
    while page := await agent.transcript(thread_id, after, MOST):
        found += page
        after = page[-1].sequence
    return found
