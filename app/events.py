"""What a streamed turn tells while it runs: typed, and JSON by `as_json`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeAlias

from app.answers import Answer
from app.services.vision import Progress
from app.state import LogEntry, PlanState
from app.turn import Turn


@dataclass(frozen=True, slots=True)
class _Event:
    kind: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """The event as JSON types, its `kind` with it."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True, slots=True)
class TurnBegan(_Event):
    """The turn runs; it may have waited for others of its thread."""

    kind: ClassVar[str] = "turn"
    turn_id: str
    thread_id: str


@dataclass(frozen=True, slots=True)
class Planned(_Event):
    """What the message asks for is decided."""

    kind: ClassVar[str] = "plan"
    plan: PlanState


@dataclass(frozen=True, slots=True)
class NodeBegan(_Event):
    """A node runs; `task` is the index of its task, where it has one."""

    kind: ClassVar[str] = "node_start"
    node: str
    task: int | None = None


@dataclass(frozen=True, slots=True)
class NodeEnded(_Event):
    """A node has run, in so many milliseconds."""

    kind: ClassVar[str] = "node_end"
    node: str
    task: int | None
    ms: float
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Token(_Event):
    """A piece of a task's answer, as the model wrote it."""

    kind: ClassVar[str] = "token"
    task: int
    text: str


@dataclass(frozen=True, slots=True)
class Waiting(_Event):
    """What a service is waited for."""

    kind: ClassVar[str] = "progress"
    service: str
    what: str
    message: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class Logged(_Event):
    """An entry of the log."""

    kind: ClassVar[str] = "log"
    entry: LogEntry


@dataclass(frozen=True, slots=True)
class Answered(_Event):
    """A task has its answer."""

    kind: ClassVar[str] = "answer"
    answer: Answer

    def as_json(self) -> dict[str, Any]:
        """The event as JSON types."""
        return {"kind": self.kind, "answer": self.answer.model_dump(mode="json")}


@dataclass(frozen=True, slots=True)
class Done(_Event):
    """The turn has ended; always the last event, unless it is `Failed`."""

    kind: ClassVar[str] = "done"
    turn: Turn

    def as_json(self) -> dict[str, Any]:
        """The event as JSON types."""
        return {"kind": self.kind, "turn": self.turn.model_dump(mode="json")}


@dataclass(frozen=True, slots=True)
class Failed(_Event):
    """The turn could not be run: what `ask` would have raised."""

    kind: ClassVar[str] = "error"
    code: str
    message: str
    hint: str = ""


Event: TypeAlias = (
    TurnBegan
    | Planned
    | NodeBegan
    | NodeEnded
    | Token
    | Waiting
    | Logged
    | Answered
    | Done
    | Failed
)
Hear: TypeAlias = Callable[[Event], None]


@dataclass
class Teller:
    """Turns what LangGraph streams (modes `custom` and `tasks`) into events, each once."""

    hear: Hear
    now: Callable[[], float] = time.perf_counter
    _began: dict[str, tuple[float, int | None]] = field(default_factory=dict)
    _logged: set[str] = field(default_factory=set)

    def custom(self, said: dict[str, Any]) -> None:
        """What a node wrote."""
        if "token" in said:
            self.hear(Token(said["task"], said["token"]))
        elif "log" in said:
            self._log([said["log"]])

    def task(self, told: dict[str, Any]) -> None:
        """A node began or ended."""
        node = str(told["name"]).removeprefix("__error_handler__")
        if "input" in told:
            task = _index(told["input"])
            self._began[told["id"]] = (self.now(), task)
            self.hear(NodeBegan(node, task))
            return
        began, task = self._began.pop(told["id"], (self.now(), None))
        result = told.get("result") or {}
        changes: dict[str, Any] = result if isinstance(result, dict) else dict(result)
        if plan := changes.get("plan"):
            self.hear(Planned(plan))
        self._log(changes.get("execution_log") or ())
        self._answers(changes.get("answers"))
        ms = round((self.now() - began) * 1000, 1)
        self.hear(NodeEnded(node, task, ms, failed=bool(told.get("error"))))

    def progress(self, event: Progress) -> None:
        """A service is waited for."""
        self.hear(Waiting(event.service, event.kind, event.message, event.wait_s))

    def _log(self, entries: Iterable[LogEntry]) -> None:
        for one in entries:
            if one["key"] not in self._logged:
                self._logged.add(one["key"])
                self.hear(Logged(one))

    def _answers(self, found: object) -> None:
        for one in found if isinstance(found, list) else ():
            self.hear(Answered(Answer.model_validate(one["answer"])))


def _index(given: object) -> int | None:
    part = given.get("part") if isinstance(given, dict) else None
    return int(part["index"]) if part else None
