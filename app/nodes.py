"""What the nodes around a turn's tasks do: `(state, runtime) -> the keys they change`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import anyio.to_thread
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime
from langgraph.types import Overwrite, Send

from app.answers import Answer
from app.answers.making import reply_of
from app.call_nodes import answered
from app.context import AgentContext
from app.errors import SwathError
from app.log_entries import entry
from app.prompts import texts
from app.routing import MOST_TASKS, Plan, decide
from app.state import (
    AgentState,
    AgentUpdate,
    Part,
    PlanState,
    TaskName,
    TaskState,
    TurnAnswer,
)
from imagery.store import ImageStore

Step = Literal["call_vqa", "call_captioning", "reply"]
HISTORY_TURNS = 3
HISTORY_CHARACTERS = 1000  # of one earlier message


async def ingest(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Begins the turn: the message joins the thread, and the last turn's results are gone."""
    began = time.perf_counter()
    image = await _image(state.get("image_url"), runtime.context.images)
    query = state["user_query"].strip()
    seen = f"{image['width_px']} x {image['height_px']} px {image['mime']}" if image else "no image"
    about = {"image": image["sha256"]} if image else {}
    said = HumanMessage(query, id=f"{state['turn_id']}-user", additional_kwargs=about)
    ms = (time.perf_counter() - began) * 1000
    return {
        "messages": [said],
        "execution_log": [entry(state, runtime, "ingest", "ok", f"Ingest: {seen}", ms=ms)],
        "image": image,
        "plan": None,
        "answers": Overwrite([]),
        "vqa_result": None,
        "caption_result": None,
        "answer": None,
    }


async def _image(image_url: str | None, images: ImageStore) -> dict[str, Any] | None:
    if not image_url:
        return None
    return (await anyio.to_thread.run_sync(images.ref, image_url)).model_dump(mode="json")


async def classify(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Decides what the message asks for; the rule that decided is named.

    A model is asked only where the rules are unsure and one stands behind the VQA service.
    """
    began, vision = time.perf_counter(), runtime.context.vision

    async def ask(prompt: str, choices: tuple[str, ...]) -> str:
        return await vision.choose(prompt, choices) if await vision.is_vlm("vqa") else ""

    found = await decide(
        state["user_query"],
        has_image=state["image"] is not None,
        history=_asked_before(state),
        task=state.get("task"),
        vqa_type=state.get("vqa_type"),
        ask=ask,
    )
    plan = _as_state(found)
    kinds = " + ".join(_kind(part) for part in plan["tasks"])
    message = f"Classify: {kinds} ({found.source}: {found.rule})"
    ms = (time.perf_counter() - began) * 1000
    return {
        "plan": plan,
        "vqa_type": plan["tasks"][0]["vqa_type"],
        "execution_log": [entry(state, runtime, "classify", "ok", message, ms=ms)],
    }


def _as_state(plan: Plan) -> PlanState:
    tasks = [
        Part(index=index, of=len(plan.tasks), task=one.task, vqa_type=one.vqa_type,
             subtype=one.subtype, text=one.text)
        for index, one in enumerate(plan.tasks)
    ]  # fmt: skip
    return PlanState(
        tasks=tasks,
        source=plan.source,
        rule=plan.rule,
        alternatives=list(plan.alternatives),
        confidence=plan.confidence,
        left_out=list(plan.left_out),
    )


def _kind(part: Part) -> str:
    return f"{part['task']}/{part['vqa_type']}" if part["vqa_type"] else part["task"]


def _asked_before(state: AgentState) -> list[str]:
    said = [one for one in state["messages"] if isinstance(one, HumanMessage)]
    return [str(one.content) for one in said if one.id != f"{state['turn_id']}-user"]


def next_steps(state: AgentState) -> list[Send]:
    """One run of a node for every task of the plan."""
    plan, history = state["plan"], _history(state)
    if plan is None:
        raise SwathError("A turn without a plan cannot go on.")
    return [
        Send(
            step_of(part["task"], has_image=state["image"] is not None),
            TaskState(
                turn_id=state["turn_id"],
                user_query=part["text"],
                image_url=state.get("image_url"),
                vqa_type=part["vqa_type"],
                image=state["image"],
                part=part,
                before=[one["text"] for one in plan["tasks"][: part["index"]]],
                history=history,
                instructions=state.get("instructions"),
            ),
        )
        for part in plan["tasks"]
    ]


def step_of(task: TaskName, *, has_image: bool) -> Step:
    """The node that a task leads to; without a picture no model is asked."""
    if task == "vqa" and has_image:
        return "call_vqa"
    return "call_captioning" if task == "captioning" and has_image else "reply"


def _history(state: AgentState) -> list[tuple[Literal["user", "assistant"], str]]:
    """What was said of the same picture in the last turns: words only, bounded, user first."""
    about = state["image"]["sha256"] if state["image"] else None
    said: list[tuple[Literal["user", "assistant"], str]] = []
    for message in state["messages"]:
        if message.id == f"{state['turn_id']}-user":
            break
        words = message.text.strip()[:HISTORY_CHARACTERS]
        if message.type == "human":
            same = message.additional_kwargs.get("image") == about
            said = [*said, ("user", words or texts.CAPTION)] if same else []
        elif said and message.additional_kwargs.get("response_type") in ("answer", "caption"):
            said.append(("assistant", words))
    return _last_turns(said)


def _last_turns(
    said: Sequence[tuple[Literal["user", "assistant"], str]],
) -> list[tuple[Literal["user", "assistant"], str]]:
    """The last turns that were answered; several answers of one turn are one message."""
    turns: list[list[str]] = []
    for role, words in said:
        if role == "user":
            turns.append([words])
        else:
            turns[-1].append(words)
    kept = [turn for turn in turns if len(turn) > 1][-HISTORY_TURNS:]
    pairs = ((("user", turn[0]), ("assistant", "\n\n".join(turn[1:]))) for turn in kept)
    return [one for pair in pairs for one in pair]  # type: ignore[misc]


async def reply(state: TaskState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Answers what needs no model: small talk, what Swath cannot do, a missing picture."""
    part = state["part"]
    words = {
        "off_topic": texts.OFF_TOPIC,
        "other": texts.NOT_AVAILABLE,
        "grounding": texts.NO_BOXES,
    }
    said = texts.SMALL_TALK.get(part["subtype"] or "")
    answer = reply_of(part, said or words.get(part["task"], texts.NO_IMAGE), answered=bool(said))
    end = entry(state, runtime, "reply", "ok", "Reply: answered without a model", ms=0)
    return answered(state, answer, [end])


async def compose(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Puts the parts together in the plan's order, and sees to it that there is an answer.

    Raises:
        SwathError: no node gave one, which is a fault of the graph.
    """
    parts = [Answer.model_validate(one["answer"]) for one in state["answers"]]
    plan = state["plan"]
    if not parts or plan is None:
        raise SwathError("The turn ended without an answer.")
    whole = _composed(parts, plan["left_out"])
    event: Literal["ok", "error"] = "error" if whole["status"] == "failed" else "ok"
    end = entry(
        state, runtime, "compose", event, f"Turn: {whole['status']}", detail={"parts": len(parts)}
    )
    return {
        "answer": whole,
        "vqa_result": _joined(one.text for one in parts if one.response_type == "answer"),
        "caption_result": _joined(one.text for one in parts if one.response_type == "caption"),
        "execution_log": [end],
    }


def _composed(parts: Sequence[Answer], left_out: Sequence[str]) -> TurnAnswer:
    texts_of = list(dict.fromkeys(one.text for one in parts))  # the same no is said once
    if left_out:
        texts_of.append(texts.LEFT_OUT.format(most=MOST_TASKS, rest="; ".join(left_out)[:300]))
    statuses = [one.status for one in parts]
    status = next((one for one in ("answered", "failed") if one in statuses), "refused")
    by = next((one for one in parts if one.engine), parts[0])
    detail = dict(parts[0].detail)
    if len(parts) > 1:
        detail = {}
    if caveats := list(dict.fromkeys(caveat for one in parts for caveat in one.caveats)):
        detail["caveats"] = caveats
    failed = next((one.error for one in parts if one.error), None)
    return TurnAnswer(
        content="\n\n".join(texts_of),
        status=status,  # type: ignore[typeddict-item]
        engine=by.engine,
        model=by.model,
        detail=detail,
        error=failed if status == "failed" else None,
    )


def _joined(found: Any) -> str | None:
    return "\n\n".join(found) or None
