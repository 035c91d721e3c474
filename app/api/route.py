"""POST /api/route: what a message would be taken for, decided as in a turn; nothing is asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.strict_json import StrictRoute
from app.routing import Source, Subtype, Task, VqaType, plan

router = APIRouter(tags=["chat"], route_class=StrictRoute)

Message = Annotated[str, StringConstraints(max_length=20_000)]


class Said(BaseModel):
    """A message of a conversation so far."""

    role: Literal["user", "assistant", "system"] = "user"
    content: Message


class RouteRequest(BaseModel):
    """A message, and what it is said beside."""

    model_config = ConfigDict(extra="forbid")

    message: Message = Field(description="what the user wrote; empty asks for a caption")
    has_image: bool = Field(default=True, description="whether there is an image to ask about")
    history: list[Message | Said] = Field(
        default_factory=list,
        max_length=200,
        description="earlier messages, oldest first; only the user's own count",
    )
    task: Task | None = Field(default=None, description="decides what is asked, if given")
    vqa_type: VqaType | None = Field(default=None, description="decides the kind of question")


class RoutedTask(BaseModel):
    """One thing that the message asks for."""

    task: Task
    vqa_type: VqaType | None
    subtype: Subtype | None
    text: str


class RouteReply(BaseModel):
    """The plan; `confidence` is measured or null."""

    tasks: list[RoutedTask]
    source: Source
    rule: str
    alternatives: list[str]
    confidence: float | None
    left_out: list[str] = Field(default_factory=list, description="asked beyond the most tasks")


@router.post("/api/route", response_model=RouteReply, response_model_exclude_defaults=True)
async def route(asked: RouteRequest) -> Any:
    """Says what a message would be taken for, with the rules that a turn uses.

    Where the rules are unsure (`source` is `fallback`) a turn may also ask the model; this asks
    nothing.
    """
    history = [one if isinstance(one, str) else one.content for one in asked.history if _own(one)]
    found = plan(
        asked.message,
        has_image=asked.has_image,
        history=history,
        task=asked.task,
        vqa_type=asked.vqa_type,
    )
    return found.as_json()


def _own(said: str | Said) -> bool:
    return isinstance(said, str) or said.role == "user"
