"""A turn: what the graph is given for it, and what it came to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import BaseModel, ConfigDict

from app.answers import Answer
from app.errors import TurnCancelled, TurnLost
from app.log_entries import lines
from app.run_graph import RunGraph, run_graph
from app.services.threads.ledger import Outcome, TurnRow, TurnState
from app.services.threads.transcript import Said
from app.state import AgentInput, LogEntry, PlanState, Route, TaskName, VqaType
from imagery import ImageRef

CANCELLED = Outcome("cancelled", "")  # nobody waits for it any more; nothing was said


class Log(tuple[LogEntry, ...]):
    """What happened in a turn; as a string, its lines for people."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(lines(self))


class Turn(BaseModel):
    """What a turn came to.

    Attributes:
        content: the answer in words; of several tasks their answers, in the order asked.
        answers: one of every task, typed.
        status: `answered` where any task was, else `failed` or `refused`.
        error: of a failed turn: `code`, `message`, `hint`. A failed part of an answered turn has
            its own in `answers`.
    """

    model_config = ConfigDict(frozen=True)

    thread_id: str
    turn_id: str
    task: TaskName
    vqa_type: VqaType | None
    route: Route
    plan: PlanState | None = None
    status: str
    content: str
    answers: tuple[Answer, ...] = ()
    engine: str | None
    model: str | None
    detail: dict[str, Any]
    image: ImageRef | None
    execution_log: list[LogEntry]
    error: dict[str, Any] | None = None
    ms: float

    @property
    def answer(self) -> str:
        """The answer in words."""
        return self.content

    @property
    def methods(self) -> tuple[str, ...]:
        """How the answers are known, each once."""
        return tuple(dict.fromkeys(one.method for one in self.answers if one.method))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What speaks against the answers, each once."""
        return tuple(dict.fromkeys(each for one in self.answers for each in one.caveats))

    @property
    def log(self) -> Log:
        """What happened, entry by entry; `print(turn.log)` shows it."""
        return Log(self.execution_log)

    def graph(self) -> RunGraph:
        """The graph with this turn's path in it; a notebook shows it, nothing is fetched."""
        asked = " ".join(part["text"] for part in (self.plan or {"tasks": []})["tasks"])
        return run_graph(self.model_dump(mode="json"), asked)


def given(row: TurnRow) -> AgentInput:
    """What the graph is given for a turn."""
    asked = row.request
    found = AgentInput(
        turn_id=row.turn_id,
        user_query=asked["message"],
        task=asked["task"],
        vqa_type=asked["vqa_type"],
        instructions=asked.get("instructions"),
    )
    if row.image_url:
        found["image_url"] = row.image_url
    return found


def turn_of(state: dict[str, Any], thread_id: str, ms: float) -> Turn:
    """The turn that the graph's last state tells of."""
    answer, plan = state["answer"], state["plan"]
    first = plan["tasks"][0]
    return Turn(
        thread_id=thread_id,
        turn_id=state["turn_id"],
        task=first["task"],
        vqa_type=first["vqa_type"],
        route=Route(
            task=first["task"],
            vqa_type=first["vqa_type"],
            source=plan["source"],
            rule=plan["rule"],
        ),
        plan=plan,
        status=answer["status"],
        content=answer["content"],
        answers=tuple(Answer.model_validate(one["answer"]) for one in state["answers"]),
        engine=answer["engine"],
        model=answer["model"],
        detail=answer["detail"],
        image=ImageRef.model_validate(state["image"]) if state["image"] else None,
        execution_log=state["execution_log"],
        error=answer.get("error"),
        ms=round(ms, 1),
    )


def outcome_of(turn: Turn, messages: Sequence[BaseMessage]) -> Outcome:
    """The end of a turn that ran to its end; an unanswered question is one too."""
    own = [message for message in messages if str(message.id).startswith(f"{turn.turn_id}-")]
    image = {"image": turn.image.url} if turn.image else {}
    said = [
        Said("user", message.text, image)
        if message.type == "human"
        else Said("assistant", message.text, dict(message.additional_kwargs))
        for message in own
    ]
    state: TurnState = "failed" if turn.status == "failed" else "answered"
    return Outcome(state, turn.model_dump_json(), said)


def lost(row: TurnRow, message: str) -> Outcome:
    """The end of a turn that cannot run to its end."""
    said = [
        Said("user", row.request["message"]),
        Said("assistant", f"I could not answer: {message}", {"response_type": "error"}),
    ]
    return Outcome("failed", json.dumps({"lost": message}), said)


def recorded(row: TurnRow) -> Turn:
    """The turn as it was answered.

    Raises:
        TurnCancelled: it was cancelled.
        TurnLost: it ended without an answer.
    """
    if row.state == "cancelled" or not row.result:
        raise TurnCancelled("The turn was cancelled.", hint="Send it again to have it answered.")
    found = json.loads(row.result)
    if "lost" in found:
        raise TurnLost(found["lost"], hint="Send it again with another key.")
    return Turn.model_validate(found)
