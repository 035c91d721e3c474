"""The agent's state: what a turn reads and writes, and how parallel writes are joined.

Everything here is JSON. A picture is a reference (`sha256:...`); its bytes are in the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NotRequired

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

TaskName = Literal["vqa", "captioning", "grounding", "other", "off_topic"]
VqaType = Literal["yesno", "counting", "area", "general"]
ResponseType = Literal["answer", "caption", "reply", "error"]
KEPT_MESSAGES = 20
KEPT_LOG = 200


class LogEntry(TypedDict):
    """One thing that happened in a turn.

    `key` is the same when a node runs again after a crash, so that nothing is logged twice.
    `message` is a line for people; it holds no picture, no key and no traceback.
    """

    key: str
    turn_id: str
    node: str
    event: Literal["start", "ok", "error"]
    at: str
    message: str
    ms: NotRequired[float]
    attempts: NotRequired[int]


class Route(TypedDict):
    """What a message asks for, and who decided so."""

    task: TaskName
    vqa_type: VqaType | None
    source: Literal["explicit", "rule", "model", "history", "fallback"]
    rule: str


class Answer(TypedDict):
    """The answer of a turn.

    `status` is `answered`, `refused` (an honest no) or `failed` (a service did not answer; then
    `error` says which kind).
    """

    content: str
    response_type: ResponseType
    status: Literal["answered", "refused", "failed"]
    engine: str | None
    model: str | None
    detail: dict[str, Any]
    error: NotRequired[dict[str, Any]]


def recent_messages(left: Any, right: Any) -> list[AnyMessage]:
    """Joins by message id and keeps the last ones, so that a long thread stays cheap."""
    joined: Any = add_messages(left, right)
    kept: list[AnyMessage] = joined[-KEPT_MESSAGES:]
    return kept


def keyed_log(left: Iterable[LogEntry], right: Iterable[LogEntry]) -> list[LogEntry]:
    """Joins by key: an entry written again replaces itself. Only the last turn's are kept."""
    entries = {entry["key"]: entry for entry in (*left, *right)}
    turn_id = next((entry["turn_id"] for entry in reversed(entries.values())), "")
    return [entry for entry in entries.values() if entry["turn_id"] == turn_id][-KEPT_LOG:]


class AgentInput(TypedDict):
    """What a turn begins with."""

    turn_id: str
    user_query: str
    image_url: NotRequired[str | None]
    task: NotRequired[TaskName | None]
    vqa_type: NotRequired[VqaType | None]


class AgentState(AgentInput):
    """What a thread remembers (messages, the picture) and what this turn has found out."""

    messages: Annotated[list[AnyMessage], recent_messages]
    execution_log: Annotated[list[LogEntry], keyed_log]
    image: dict[str, Any] | None
    route: Route | None
    vqa_result: str | None
    caption_result: str | None
    answer: Answer | None


class AgentUpdate(TypedDict, total=False):
    """The keys that a node changes."""

    messages: list[AnyMessage]
    execution_log: list[LogEntry]
    image_url: str | None
    image: dict[str, Any] | None
    route: Route | None
    vqa_type: VqaType | None
    vqa_result: str | None
    caption_result: str | None
    answer: Answer | None


def append_assistant_message(
    state: AgentState,
    content: str,
    response_type: ResponseType,
    metadata: dict[str, Any] | None = None,
) -> AgentUpdate:
    """The update that adds one assistant message; the reducer does the adding.

    Its id is made of the turn and the type, so that a node that runs again adds nothing.
    """
    message = AIMessage(
        content,
        id=f"{state['turn_id']}-{response_type}",
        additional_kwargs={"response_type": response_type, **(metadata or {})},
    )
    return {"messages": [message]}
