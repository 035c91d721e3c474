"""POST /v1/chat/completions and GET /v1/models."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from app.agent import Agent
from app.api import whose
from app.api.dependencies import CurrentAgent, CurrentTurns
from app.api.event_stream import EventStream, unless_gone
from app.api.live import PING_S
from app.api.openai.assembling import Text
from app.api.openai.errors import OpenAIRoute, problem, problem_of_end, problem_of_turn
from app.api.openai.reply import Pieces, completion, failure
from app.api.openai.request import (
    CREATED,
    MODEL,
    AgentRequest,
    Conversation,
    conversation_of,
    thread_of,
)
from app.api.shape import EVERYWHERE, ErrorBody, Responses
from app.api.told import PING
from app.asked import Asked
from app.errors import ServerStopping, ThreadNotFound
from app.events import Answered, Done, Event, Failed, Hear, Token, TurnBegan
from app.once import ask_once
from app.running import told
from app.turn import Turn
from modal_services.errors import Problem, ServiceError
from modal_services.wire import ChatCompletion, ModelCard, ModelList
from modal_services.wire import ErrorBody as OpenAIError

# A route's own errors have OpenAI's shape; what is refused before it has ours.
ERRORS: Responses = {
    status: {**each, "model": OpenAIError | ErrorBody} for status, each in EVERYWHERE.items()
}
router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute, responses=ERRORS)
Said = AsyncGenerator[bytes]
FIRST_S = 5.0


@router.get("/models")
async def models() -> ModelList:
    """The one model there is."""
    return ModelList(data=[_card()])


@router.get("/models/{model}")
async def model(model: str) -> ModelCard:
    """The same by its name."""
    if model != MODEL:
        message = f"The model does not exist. This server has `{MODEL}`."
        kind = "invalid_request_error"
        raise ServiceError(Problem(404, message, kind, "model_not_found", "model"))
    return _card()


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def chat(
    request: Request,
    asked: AgentRequest,
    agent: CurrentAgent,
    turns: CurrentTurns,
    x_thread_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Answers a conversation about an image, as OpenAI's API does.

    Without a thread (`X-Thread-Id`, `metadata.thread_id`) nothing is kept but the image.
    """
    talk, thread_id = conversation_of(asked), thread_of(asked, x_thread_id)
    ask = functools.partial(_turn, agent, talk, thread_id)
    if not asked.stream:
        turn = await unless_gone(request, ask(), turns.leaving)
        if wrong := problem_of_turn(turn):
            raise ServiceError(wrong)
        whole = completion(turn).model_dump_json()
        return Response(whole, media_type="application/json")
    usage = bool(asked.stream_options and asked.stream_options.include_usage)
    pieces = _pieces(told(ask), include_usage=usage)
    first = asyncio.create_task(_next(pieces))
    try:
        await unless_gone(request, _soon(first), turns.leaving)
    except BaseException:
        await _ended(pieces, first)
        raise
    return EventStream(_until_stopped(first, pieces, turns.leaving))


async def _turn(
    agent: Agent, talk: Conversation, thread_id: str | None, hear: Hear | None = None
) -> Turn:
    """The turn in the thread that was named, or in none."""
    if thread_id is None:
        asked = Asked(talk.message, talk.image, instructions=talk.instructions)
        return await ask_once(agent, asked, talk.earlier, hear)
    try:
        await whose.thread(agent, thread_id)
        image = talk.own_image  # without one the thread's last one is meant
    except ThreadNotFound:
        image = talk.image
    return await agent.ask(
        talk.message,
        image=image,
        thread_id=thread_id,
        instructions=talk.instructions,
        hear=hear,
    )


async def _pieces(events: AsyncGenerator[Event], *, include_usage: bool) -> Said:
    """The chunks of a turn; what goes wrong before the first one is raised."""
    text, pieces = Text(), Pieces()
    async with contextlib.aclosing(events):
        async for event in events:
            if isinstance(event, TurnBegan):
                pieces.chunk_id = f"chatcmpl-{event.turn_id}"
            elif isinstance(event, Failed):
                raise ServiceError(problem_of_end(event))
            elif more := _words(event, text):
                yield pieces.words(more)
            if isinstance(event, Done):
                yield pieces.end(event.turn, include_usage=include_usage)


def _words(event: Event, text: Text) -> str:
    """What an event adds to the answer."""
    match event:
        case Token(task=task, text=piece):
            return text.token(task, piece)
        case Answered(answer=answer):
            return text.answer(answer)
        case Done(turn=turn):
            if wrong := problem_of_turn(turn):
                raise ServiceError(wrong)
            return text.end(turn.content)
        case _:
            return ""


def _card() -> ModelCard:
    return ModelCard(id=MODEL, created=CREATED)


async def _soon(first: asyncio.Task[bytes | None]) -> None:
    """Waits for the first chunk for a while; what goes wrong so soon has a status of its own."""
    await asyncio.wait((first,), timeout=FIRST_S)
    if first.done():
        first.result()


async def _until_stopped(
    coming: asyncio.Task[bytes | None], rest: Said, leaving: asyncio.Event, ping_s: float = PING_S
) -> Said:
    """The chunks, comments while there are none for long, and an error in the place of the rest."""
    stopped = asyncio.create_task(leaving.wait())
    ends = asyncio.FIRST_COMPLETED
    try:
        while True:
            await asyncio.wait((coming, stopped), timeout=ping_s, return_when=ends)
            if coming.done():
                if (piece := coming.result()) is None:
                    return
                yield piece
                coming = asyncio.create_task(_next(rest))
            elif stopped.done():
                yield failure(problem(ServerStopping("The server is stopping.")))
                return
            else:
                yield PING
    except ServiceError as error:
        yield failure(error.problem)
    finally:
        await _ended(rest, coming, stopped)


async def _ended(pieces: Said, *tasks: asyncio.Task[Any]) -> None:
    for one in tasks:
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await pieces.aclose()


async def _next(pieces: Said) -> bytes | None:
    return await anext(pieces, None)
