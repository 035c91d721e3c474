"""What each node of the agent does: `(state, runtime) -> the keys it changes`.

Nothing here mutates the state, retries, or knows how a service is reached. A node that calls a
service turns its failure into an assistant message and a log entry: a turn never dies of it.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import anyio.to_thread
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from app import prompts
from app.context import AgentContext
from app.errors import SwathError, VisionError
from app.evidence import masks_kept
from app.routing import route
from app.services.vision import CaptionReply, VqaReply
from app.state import (
    AgentState,
    AgentUpdate,
    Answer,
    LogEntry,
    ResponseType,
    append_assistant_message,
)
from imagery import ImageRef, ImageryError
from imagery.store import ImageStore

Step = Literal["call_vqa", "call_captioning", "reply"]
TASK = "0"  # the index of the one task that a plan has so far


async def ingest(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Begins the turn: the message joins the thread, and the last turn's results are gone."""
    image = await _image(state.get("image_url"), runtime.context.images)
    query = state["user_query"].strip()
    seen = f"{image['width_px']} x {image['height_px']} px {image['mime']}" if image else "no image"
    return {
        "messages": [HumanMessage(query, id=f"{state['turn_id']}-user")],
        "execution_log": [_entry(state, runtime, "ingest", "ok", f"Ingest: {seen}")],
        "image": image,
        "route": None,
        "vqa_result": None,
        "caption_result": None,
        "answer": None,
    }


async def _image(image_url: str | None, images: ImageStore) -> dict[str, Any] | None:
    if not image_url:
        return None
    return (await anyio.to_thread.run_sync(images.ref, image_url)).model_dump(mode="json")


async def classify(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Decides what the message asks for; the rule that decided is named."""
    found = route(state["user_query"], task=state.get("task"), vqa_type=state.get("vqa_type"))
    kind = f"{found['task']}/{found['vqa_type']}" if found["vqa_type"] else found["task"]
    message = f"Classify: {kind} ({found['source']}: {found['rule']})"
    return {
        "route": found,
        "vqa_type": found["vqa_type"],
        "execution_log": [_entry(state, runtime, "classify", "ok", message)],
    }


def next_step(state: AgentState) -> Step:
    """The node that the route leads to; without a picture no model is asked."""
    found = state["route"]
    if found is None or state["image"] is None:
        return "reply"
    match found["task"]:
        case "vqa":
            return "call_vqa"
        case "captioning":
            return "call_captioning"
        case _:
            return "reply"


async def call_vqa_node(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Asks the VQA service the user's question."""
    kind = state.get("vqa_type") or "general"

    async def ask(uri: str, image: ImageRef) -> VqaReply:
        budget = runtime.context.images.limits.model_pixels
        query = prompts.question_prompt(state["user_query"], image, budget)
        context = runtime.context
        return await context.vision.call_vqa(
            uri,
            query,
            kind,
            call_id=context.jobs.submitted(TASK),
            on_progress=context.on_progress,
            on_submitted=functools.partial(context.jobs.note, TASK),
            submit_key=context.jobs.key(TASK),
        )

    return await _ask(state, runtime, "call_vqa", f"VQA ({kind})", ask)


async def call_captioning_node(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Asks the captioning service for a description, in the user's own words if there are any."""

    async def ask(uri: str, image: ImageRef) -> CaptionReply:
        budget = runtime.context.images.limits.model_pixels
        prompt = prompts.caption_prompt(state["user_query"], image, budget)
        context = runtime.context
        return await context.vision.call_captioning(
            uri,
            prompt,
            call_id=context.jobs.submitted(TASK),
            on_progress=context.on_progress,
            on_submitted=functools.partial(context.jobs.note, TASK),
            submit_key=context.jobs.key(TASK),
        )

    return await _ask(state, runtime, "call_captioning", "Captioning", ask)


async def reply(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Answers what needs no model: small talk, what Swath cannot do, a missing picture."""
    task = state["route"]["task"] if state["route"] else "other"
    asks_model = task in ("vqa", "captioning")
    texts = {"off_topic": prompts.OFF_TOPIC, "other": prompts.NOT_AVAILABLE}
    text = prompts.NO_IMAGE if asks_model else texts[task]
    answer = Answer(
        content=text, response_type="reply", status="refused", engine=None, model=None, detail={}
    )
    entry = _entry(state, runtime, "reply", "ok", "Reply: answered without a model")
    return {**_answered(state, answer), "execution_log": [entry]}


async def compose(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Ends the turn, and sees to it that it has an answer.

    Raises:
        SwathError: no node gave one, which is a fault of the graph.
    """
    answer = state["answer"]
    if answer is None:
        raise SwathError("The turn ended without an answer.")
    event: Literal["ok", "error"] = "error" if answer["status"] == "failed" else "ok"
    entry = _entry(state, runtime, "compose", event, f"Turn: {answer['status']}")
    return {"execution_log": [entry]}


async def _ask(
    state: AgentState,
    runtime: Runtime[AgentContext],
    node: str,
    title: str,
    ask: Callable[[str, ImageRef], Awaitable[VqaReply | CaptionReply]],
) -> AgentUpdate:
    """One call of a service, with its log entries, its message, and its failure as an answer."""
    began = time.perf_counter()
    start = _entry(state, runtime, node, "start", f"{title}: Calling service...")
    try:
        image = ImageRef.model_validate(state["image"])
        uri = await anyio.to_thread.run_sync(runtime.context.images.data_uri, image.sha256)
        found = await ask(uri, image)
    except (VisionError, ImageryError) as error:
        answer = _failure(error)
        end = _entry(state, runtime, node, "error", f"{title}: Failed - {error}")
        attempts = error.attempts if isinstance(error, VisionError) else 0
    else:
        answer = _success(found)
        images = runtime.context.images
        answer["detail"] = await masks_kept(answer["detail"], image, images)
        end = _entry(state, runtime, node, "ok", f"{title}: Success ({_short(answer['content'])})")
        attempts = found["attempts"]
    end["ms"] = round((time.perf_counter() - began) * 1000, 1)
    end["attempts"] = attempts
    return {**_answered(state, answer), "execution_log": [start, end]}


def _success(found: VqaReply | CaptionReply) -> Answer:
    text, kind = _words(found)
    detail: Mapping[str, Any] = found.get("detail", {})
    return Answer(
        content=text,
        response_type=kind,
        # Only the embedded engine says that it did not answer; a VLM's words stand as they are.
        status="answered" if detail.get("answered", True) else "refused",
        engine=found["engine"],
        model=found["model"],
        detail={**detail, **({"usage": dict(found["usage"])} if "usage" in found else {})},
    )


def _words(found: VqaReply | CaptionReply) -> tuple[str, ResponseType]:
    if "caption" in found:
        return found["caption"], "caption"
    return found["answer"], "answer"


def _failure(error: VisionError | ImageryError) -> Answer:
    hint = f" {error.hint}" if error.hint else ""
    facts: dict[str, Any] = {"code": error.code, "message": str(error), "hint": error.hint}
    if isinstance(error, VisionError):
        facts |= {"service": error.service, "status": error.status, "attempts": error.attempts}
    return Answer(
        content=f"I could not answer: {error}{hint}",
        response_type="error",
        status="failed",
        engine=None,
        model=None,
        detail={},
        error=facts,
    )


def _answered(state: AgentState, answer: Answer) -> AgentUpdate:
    """The update of a turn's answer: the message, the answer, and the guide's result keys."""
    kind: ResponseType = answer["response_type"]
    update: AgentUpdate = {"answer": answer}
    if kind == "answer":
        update["vqa_result"] = answer["content"]
    elif kind == "caption":
        update["caption_result"] = answer["content"]
    metadata = {"engine": answer["engine"], "model": answer["model"]}
    return {**update, **append_assistant_message(state, answer["content"], kind, metadata)}


def _entry(
    state: AgentState,
    runtime: Runtime[AgentContext],
    node: str,
    event: Literal["start", "ok", "error"],
    message: str,
) -> LogEntry:
    turn_id = state["turn_id"]
    return LogEntry(
        key=f"{turn_id}/{node}/{event}",
        turn_id=turn_id,
        node=node,
        event=event,
        at=runtime.context.now().isoformat(timespec="milliseconds"),
        message=message,
    )


def _short(text: str) -> str:
    shown = 50
    return text if len(text) <= shown else text[:shown] + "..."
