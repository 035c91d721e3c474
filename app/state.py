"""The agent's state: what a turn reads and writes, and how parallel writes are joined.

Everything here is JSON. A picture is a reference (`sha256:...`); its bytes are in the store. Every
list has a reducer that joins by key, so that a node that runs again adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NotRequired

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

TaskName = Literal["vqa", "captioning", "grounding", "other", "off_topic"]
VqaType = Literal["yesno", "counting", "area", "general"]
Source = Literal["explicit", "rule", "learned", "model", "history", "fallback"]
ResponseType = Literal["answer", "caption", "reply", "error"]
LogEvent = Literal["start", "retry", "ok", "error"]
KEPT_MESSAGES = 20
KEPT_LOG = 200


class LogEntry(TypedDict):
    """One thing that happened in a turn.

    `key` is the same when a node runs again after a crash, so that nothing is logged twice. `ts` is
    ISO 8601 in UTC; `ms` is what the node took; `attempt` is how often a service was asked.
    `message` is a line for people, `detail` is for programs; neither holds a picture, a secret or a
    traceback.
    """

    key: str
    ts: str
    turn_id: str
    node: str
    event: LogEvent
    ms: float | None
    attempt: int | None
    message: str
    detail: dict[str, Any]


class Part(TypedDict):
    """One task of a plan: its place, what it is, and the words of the message that ask for it."""

    index: int
    of: int
    task: TaskName
    vqa_type: VqaType | None
    subtype: str | None
    text: str


class PlanState(TypedDict):
    """What a message asks for, and who decided so; see `app.routing.plan.Plan`."""

    tasks: list[Part]
    source: Source
    rule: str
    alternatives: list[str]
    confidence: float | None
    left_out: list[str]


class Route(TypedDict):
    """The first task of a plan, and who decided so."""

    task: TaskName
    vqa_type: VqaType | None
    source: Source
    rule: str


class TurnAnswer(TypedDict):
    """What a turn came to: its parts' texts, composed.

    `status` is `answered` where any part was; else `failed` where any part failed (then `error`
    says how); else `refused`, an honest no.
    """

    content: str
    status: Literal["answered", "refused", "failed"]
    engine: str | None
    model: str | None
    detail: dict[str, Any]
    error: dict[str, Any] | None


class Answered(TypedDict):
    """The answer of one task, as `app.answers.Answer` in JSON; `key` is the turn and the index."""

    key: str
    answer: dict[str, Any]


def recent_messages(left: Any, right: Any) -> list[AnyMessage]:
    """Joins by message id and keeps the last ones, so that a long thread stays cheap.

    Answers of tasks that ran side by side are put in the plan's order.
    """
    joined: list[AnyMessage] = add_messages(left, right)  # type: ignore[assignment]
    first = len(joined)
    while first and isinstance(joined[first - 1], AIMessage):
        first -= 1
    if len(joined) - first > 1:
        joined[first:] = sorted(joined[first:], key=_place)
    return joined[-KEPT_MESSAGES:]


def _place(message: AnyMessage) -> int:
    return int(message.additional_kwargs.get("task_index", 0))


def keyed_log(left: Iterable[LogEntry], right: Iterable[LogEntry]) -> list[LogEntry]:
    """Joins by key: an entry written again replaces itself. Only the last turn's are kept."""
    entries = {entry["key"]: entry for entry in (*left, *right)}
    turn_id = next((entry["turn_id"] for entry in reversed(entries.values())), "")
    return [entry for entry in entries.values() if entry["turn_id"] == turn_id][-KEPT_LOG:]


def keyed_answers(left: Iterable[Answered], right: Iterable[Answered]) -> list[Answered]:
    """Joins by key, in the plan's order."""
    found = {one["key"]: one for one in (*left, *right)}
    return sorted(found.values(), key=lambda one: int(one["answer"]["task_index"]))


def latest(_left: str | None, right: str | None) -> str | None:
    """What was written last; tasks side by side may write the same key."""
    return right


class AgentInput(TypedDict):
    """What a turn begins with; `task` and `vqa_type` are the caller's choice, where he made one.

    `instructions` are for the model that answers, as a system message is; the router reads none.
    """

    turn_id: str
    user_query: str
    image_url: NotRequired[str | None]
    task: NotRequired[TaskName | None]
    vqa_type: NotRequired[VqaType | None]
    instructions: NotRequired[str | None]


class AgentOutput(TypedDict):
    """What a turn ends with."""

    turn_id: str
    messages: Annotated[list[AnyMessage], recent_messages]
    image: dict[str, Any] | None
    plan: PlanState | None
    answer: TurnAnswer | None
    answers: Annotated[list[Answered], keyed_answers]
    vqa_result: Annotated[str | None, latest]
    caption_result: Annotated[str | None, latest]
    execution_log: Annotated[list[LogEntry], keyed_log]


class AgentState(AgentInput, AgentOutput):
    """What a thread remembers (messages, the picture) and what this turn has found out."""


class TaskState(TypedDict):
    """What the node of one task is given: `user_query` are the words that ask for it.

    `history` is what was said of the picture in earlier turns, as pairs of role and words; `before`
    are the words of the same message's earlier tasks, which "it" may stand for.
    """

    turn_id: str
    user_query: str
    image_url: NotRequired[str | None]
    vqa_type: NotRequired[VqaType | None]
    image: dict[str, Any] | None
    part: NotRequired[Part]
    before: NotRequired[list[str]]
    history: NotRequired[list[tuple[Literal["user", "assistant"], str]]]
    instructions: NotRequired[str | None]


class AgentUpdate(TypedDict, total=False):
    """The keys that a node changes; `answers` may be an `Overwrite`."""

    turn_id: str
    messages: list[AnyMessage]
    execution_log: list[LogEntry]
    image_url: str | None
    image: dict[str, Any] | None
    plan: PlanState | None
    vqa_type: VqaType | None
    answers: Any
    vqa_result: str | None
    caption_result: str | None
    answer: TurnAnswer | None


def index_of(state: AgentState | TaskState) -> int:
    """The place of the task that a state is given to; 0 where it is the whole turn's."""
    part: Any = state.get("part")
    return int(part["index"]) if part else 0


def append_assistant_message(
    state: AgentState | TaskState,
    content: str,
    response_type: ResponseType,
    metadata: dict[str, Any] | None = None,
) -> AgentUpdate:
    """The update that adds one assistant message; the reducer does the adding.

    Its id is made of the turn, the task and the type, so that a node that runs again adds nothing.
    """
    index = index_of(state)
    kept = {"response_type": response_type, "task_index": index, **(metadata or {})}
    message_id = f"{state['turn_id']}-{index}-{response_type}"
    return {"messages": [AIMessage(content, id=message_id, additional_kwargs=kept)]}
