"""The nodes of tasks that a service answers: one call each, its log entries, its answer.

Nothing here retries or knows how a service is reached. A service that does not answer is an answer
too; what nobody foresaw goes to `task_failed`, so that the turn's other parts stand.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Literal, TypeAlias, TypeVar

import anyio.to_thread
import structlog
from langgraph.errors import NodeError
from langgraph.runtime import Runtime
from langgraph.types import Command

from app.answers import Answer
from app.answers.making import answer_of, failure_of
from app.context import AgentContext
from app.errors import VisionError
from app.evidence import masks_kept
from app.log_entries import clean, entry
from app.prompts import texts
from app.prompts.sending import words_of_description, words_of_question
from app.services.vision import CaptionReply, OnProgress, Progress, VqaReply
from app.state import (
    AgentUpdate,
    Answered,
    LogEntry,
    Part,
    TaskState,
    append_assistant_message,
    index_of,
)
from imagery import ImageRef, ImageryError

log = structlog.get_logger(__name__)
MOST_RETRIES = 20  # log entries of one call
R = TypeVar("R", VqaReply, CaptionReply)
Here: TypeAlias = Runtime[AgentContext]
Ask: TypeAlias = Callable[[OnProgress, str, ImageRef], Awaitable[VqaReply | CaptionReply]]


async def call_vqa_node(state: TaskState, runtime: Here) -> AgentUpdate:
    """Asks the VQA service a question."""
    context, part = runtime.context, part_of(state, "vqa")
    kind = part["vqa_type"] or "general"
    task = str(part["index"])

    async def ask(on_progress: OnProgress, uri: str, image: ImageRef) -> VqaReply:
        words = await words_of_question(state, part, context, image)
        more: dict[str, Any] = {"history": words.history, "on_progress": on_progress}
        more["probabilities"] = kind == "yesno" and await context.vision.is_vlm("vqa")
        if _streams(context, task):
            pieces = context.vision.stream_vqa(uri, words.text, kind, **more)
            return await _spoken(pieces, part["index"], runtime)
        return await context.vision.call_vqa(uri, words.text, kind, **more, **_job(context, task))

    return await _asked(state, part, runtime, "call_vqa", ask)


async def call_captioning_node(state: TaskState, runtime: Here) -> AgentUpdate:
    """Asks the captioning service for a description, in the user's own words if there are any."""
    context, part = runtime.context, part_of(state, "captioning")
    task = str(part["index"])

    async def ask(on_progress: OnProgress, uri: str, image: ImageRef) -> CaptionReply:
        words = await words_of_description(state, part, context, image)
        more: dict[str, Any] = {"history": words.history, "on_progress": on_progress}
        if _streams(context, task):
            pieces = context.vision.stream_captioning(uri, words.text, **more)
            return await _spoken(pieces, part["index"], runtime)
        return await context.vision.call_captioning(uri, words.text, **more, **_job(context, task))

    return await _asked(state, part, runtime, "call_captioning", ask)


async def task_failed(
    state: TaskState, error: NodeError, runtime: Here
) -> Command[Literal["compose"]]:
    """Answers in words for a node that raised what nobody foresaw."""
    node = error.node
    log.error("a task failed", node=node, turn_id=state["turn_id"], exc_info=error.error)
    part = part_of(state, "captioning" if node == "call_captioning" else "vqa")
    facts = {"code": "internal_error", "message": texts.OUR_FAULT, "hint": ""}
    answer = failure_of(part, _could_not(part, texts.OUR_FAULT), facts)
    message = f"{_title(part)}: Failed - {texts.OUR_FAULT}"
    end = entry(state, runtime, node, "error", message, detail={"code": "internal_error"})
    return Command(update=answered(state, answer, [end]), goto="compose")


def part_of(state: TaskState, task: Literal["vqa", "captioning"]) -> Part:
    """The task that a node is given; one that is called by itself is given the whole message."""
    part = state.get("part")
    return part or Part(
        index=0,
        of=1,
        task=task,
        vqa_type=(state.get("vqa_type") or "general") if task == "vqa" else None,
        subtype=None,
        text=state.get("user_query") or "",
    )


def answered(state: TaskState, answer: Answer, entries: list[LogEntry]) -> AgentUpdate:
    """The update of one task's answer: the message, the answer, the guide's keys, the log."""
    kind = answer.response_type
    update: AgentUpdate = {"execution_log": entries}
    key = f"{state['turn_id']}/{index_of(state)}"
    update["answers"] = [Answered(key=key, answer=answer.model_dump(mode="json"))]
    if kind == "answer":
        update["vqa_result"] = answer.text
    elif kind == "caption":
        update["caption_result"] = answer.text
    metadata = {"engine": answer.engine, "model": answer.model}
    return {**update, **append_assistant_message(state, answer.text, kind, metadata)}


async def _asked(state: TaskState, part: Part, runtime: Here, node: str, ask: Ask) -> AgentUpdate:
    began, title = time.perf_counter(), _title(part)
    note = functools.partial(entry, state, runtime, node)
    kind = f" ({part['vqa_type'] or 'general'})" if part["task"] == "vqa" else ""
    entries = [note("start", f"{title}{kind}: Calling service...")]
    runtime.stream_writer({"log": entries[0]})

    def hear(event: Progress) -> None:
        runtime.context.on_progress(event)
        if event.kind != "attempt" and len(entries) <= MOST_RETRIES:
            facts = {"kind": event.kind, "wait_s": event.wait_s}
            message = f"{title}: {event.message}"
            entries.append(note("retry", message, number=len(entries), detail=facts))
            runtime.stream_writer({"log": entries[-1]})

    answer, attempt = await _outcome(state, part, runtime.context, functools.partial(ask, hear))
    end = functools.partial(note, ms=(time.perf_counter() - began) * 1000, attempt=attempt)
    if answer.error:
        message = f"{title}: Failed - {answer.error['message']}"
        facts = {"code": answer.error["code"], "status": answer.error.get("status")}
        return answered(state, answer, [*entries, end("error", message, detail=facts)])
    message = f"{title}: Success ({' '.join(answer.text[:50].split())}...)"
    facts = {"engine": answer.engine, "model": answer.model}
    facts |= {name: answer.detail[name] for name in ("call_id", "usage") if name in answer.detail}
    return answered(state, answer, [*entries, end("ok", message, detail=facts)])


async def _outcome(
    state: TaskState,
    part: Part,
    context: AgentContext,
    ask: Callable[[str, ImageRef], Awaitable[VqaReply | CaptionReply]],
) -> tuple[Answer, int]:
    """The answer, or the failure as one, and how often the service was asked."""
    try:
        image = ImageRef.model_validate(state["image"])
        uri = await anyio.to_thread.run_sync(context.images.data_uri, image.sha256)
        found = await ask(uri, image)
        detail = await masks_kept(found.get("detail", {}), image, context.images)
        return answer_of(part, found, detail, image), found["attempts"]
    except VisionError as error:
        return _failure(part, error, context), error.attempts
    except ImageryError as error:
        return _failure(part, error, context), 0


def _failure(part: Part, error: VisionError | ImageryError, context: AgentContext) -> Answer:
    message = clean(error, context.secrets)
    facts: dict[str, Any] = {"code": error.code, "message": message, "hint": error.hint}
    if isinstance(error, VisionError):
        facts |= {"service": error.service, "status": error.status, "attempts": error.attempts}
    hint = f" {error.hint}" if error.hint else ""
    return failure_of(part, _could_not(part, message + hint), facts)


def _could_not(part: Part, reason: str) -> str:
    if part["of"] == 1 or not part["text"].strip():
        return texts.COULD_NOT.format(reason=reason)
    return texts.COULD_NOT_PART.format(asked=part["text"].strip()[:100], reason=reason)


def _title(part: Part) -> str:
    return "VQA" if part["task"] == "vqa" else "Captioning"


def _streams(context: AgentContext, task: str) -> bool:
    """Whether pieces are asked for: someone listens, and no earlier run's job has the answer."""
    return context.streams and context.jobs.submitted(task) is None


def _job(context: AgentContext, task: str) -> dict[str, Any]:
    """What keeps the job of a task from being submitted twice."""
    jobs = context.jobs
    note = functools.partial(jobs.note, task)
    return {"call_id": jobs.submitted(task), "on_submitted": note, "submit_key": jobs.key(task)}


async def _spoken(pieces: AsyncGenerator[str | R], index: int, runtime: Here) -> R:
    """Passes the pieces on as they come, and returns the whole."""
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            if not isinstance(piece, str):
                return piece
            runtime.stream_writer({"token": piece, "task": index})
    raise AssertionError("a stream ends with the whole reply")
