"""POST /api/chat: a message in, a turn out."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.dependencies import CurrentAgent
from app.api.faults import STATUS_OF_CODE
from app.api.request_id import current_request_id
from app.api.shape import ASKING_A_MODEL
from app.api.strict_json import StrictRoute
from app.state import TaskName, VqaType
from app.turn import Turn

router = APIRouter(tags=["chat"], route_class=StrictRoute)


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


@router.post(
    "/api/chat",
    response_model=Turn,
    responses=ASKING_A_MODEL,
)
async def chat(said: ChatMessage, agent: CurrentAgent) -> Any:
    """Answers a message about an image.

    A turn whose service did not answer is part of the thread like any other; its status here is
    that of the failure, and the body is the turn with its `error`.
    """
    structlog.contextvars.bind_contextvars(thread_id=said.thread_id)
    turn = await agent.ask(
        said.message,
        image=said.image,
        thread_id=said.thread_id,
        task=said.task,
        vqa_type=said.vqa_type,
    )
    structlog.contextvars.bind_contextvars(thread_id=turn.thread_id, turn_id=turn.turn_id)
    if turn.error is None:
        return turn
    status = STATUS_OF_CODE.get(turn.error["code"], 502)
    body = turn.model_dump(mode="json")
    body["error"]["request_id"] = current_request_id()
    return JSONResponse(body, status)
