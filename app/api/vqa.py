"""POST /api/vqa: one question, one answer, no thread. The usage guide's own endpoint."""

from __future__ import annotations

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.agent import Agent
from app.api.dependencies import CurrentAgent, CurrentTurns
from app.api.event_stream import unless_gone
from app.api.faults import status_of
from app.api.shape import ASKING_A_MODEL, error_body
from app.errors import BadRequest, VisionError, VisionTimeout
from app.prompts import question_prompt

router = APIRouter(tags=["vqa"])


class VqaAnswer(BaseModel):
    """The answer, and what gave it."""

    answer: str
    engine: str
    model: str


@router.post("/api/vqa", response_model=VqaAnswer, responses=ASKING_A_MODEL)
async def vqa(
    request: Request,
    agent: CurrentAgent,
    turns: CurrentTurns,
    image_url: Annotated[str, Query(description="an https URL, a data: URI, or an image id")],
    question: Annotated[str, Query(description="what to ask")],
) -> Any:
    """Asks the VQA service directly.

    Its errors come through with their own status and `detail`; a service that does not answer in
    time is a 504.
    """
    if not question.strip():
        raise BadRequest("The question is empty.")
    return await unless_gone(request, _answer(agent, image_url, question), turns.leaving)


async def _answer(agent: Agent, image_url: str, question: str) -> VqaAnswer | JSONResponse:
    ref = await agent.keep_image(image_url)
    uri = await anyio.to_thread.run_sync(agent.images.data_uri, ref.url)
    asked = question_prompt(question, ref, agent.images.limits.model_pixels)
    try:
        reply = await agent.vision.call_vqa(uri, asked)
    except VisionError as error:
        return _fault(error)
    return VqaAnswer(answer=reply["answer"], engine=reply["engine"], model=reply["model"])


def _fault(error: VisionError) -> JSONResponse:
    if isinstance(error, VisionTimeout):
        status, detail = 504, "VQA service timeout"
    else:
        own = error.status if error.status and error.status >= 400 else None  # noqa: PLR2004
        status, detail = own or status_of(error), f"VQA service error: {error}"
    body = {"detail": detail, **error_body(error.code, str(error), error.hint)}
    return JSONResponse(body, status)
