"""Log entries: made here, so that none holds a picture, a secret or a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from langgraph.runtime import Runtime

from app.context import AgentContext
from app.redaction import NAMED, redactor
from app.state import AgentState, LogEntry, LogEvent, TaskState, index_of

LONGEST = 500
_redactor = lru_cache(maxsize=8)(redactor)
_TRACE = re.compile(
    r"Traceback \(most recent call last\).*|\bFile \"[^\"]+\", line \d+.*", re.DOTALL
)


def clean(text: object, secrets: Iterable[str] = (), longest: int = LONGEST) -> str:
    """Words that may be kept and shown: no picture, no secret, no traceback, not too long."""
    found = _TRACE.sub("(a traceback)", str(text))
    found = NAMED.sub(r"\1[secret]", _redactor(tuple(secrets))(found))
    return found if len(found) <= longest else found[: longest - 3] + "..."


def entry(
    state: AgentState | TaskState,
    runtime: Runtime[AgentContext],
    node: str,
    event: LogEvent,
    message: str,
    *,
    ms: float | None = None,
    attempt: int | None = None,
    number: int = 0,
    detail: Mapping[str, Any] | None = None,
) -> LogEntry:
    """One entry; `number` tells entries of one kind apart."""
    turn_id, index, context = state["turn_id"], index_of(state), runtime.context
    return LogEntry(
        key=f"{turn_id}/{node}/{index}/{event}" + (f"/{number}" if number else ""),
        ts=context.now().isoformat(timespec="milliseconds"),
        turn_id=turn_id,
        node=node,
        event=event,
        ms=None if ms is None else round(ms, 1),
        attempt=attempt,
        message=clean(message, context.secrets),
        detail={
            name: _kept(value, context.secrets)
            for name, value in (detail or {}).items()
            if value is not None
        },
    )


def _kept(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _kept(one, secrets) for name, one in value.items()}
    return value if isinstance(value, int | float | bool | None) else clean(value, secrets)


def lines(entries: Iterable[LogEntry]) -> list[str]:
    """The log for people."""
    return [one["message"] for one in entries]
