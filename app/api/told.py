"""What a streamed turn tells, as server-sent events.

    id: 3f2a-7
    event: token
    data: {"task": 0, "text": "Three "}

An id is the name of this log of the turn and a number; `end` closes every log of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app import events
from app.api import whose
from app.turn import Turn

END = "end"
PING = b": ping\n\n"


@dataclass(frozen=True, slots=True)
class Told:
    """An event's name and its data."""

    name: str
    data: dict[str, Any]

    def encoded(self, event_id: str) -> bytes:
        """The event as it is sent."""
        # JSON has no bare line ends, so that one data line holds it.
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        # What is no text (half characters of a model's words) is sent as a question mark.
        return f"id: {event_id}\nevent: {self.name}\ndata: {data}\n\n".encode(errors="replace")


def told(event: events.Event, ids: dict[str, str]) -> Told | None:
    """An event of a turn; its end is told by `done` and `failed`. `ids` are the turn's."""
    match event:
        case events.TurnBegan(turn_id=turn_id, thread_id=thread_id):
            ids.update(turn_id=turn_id, thread_id=whose.shown(thread_id))
            return Told("turn", {**ids, "plan": None})
        case events.Planned(plan=plan):
            return Told("turn", {**ids, "plan": plan})
        case events.NodeBegan(node=node, task=task):
            found: dict[str, Any] = {"node": node, "task": task, "state": "start"}
        case events.NodeEnded(node=node, task=task, ms=ms, failed=failed):
            found = {"node": node, "task": task, "state": "end", "ms": ms, "failed": failed}
        case events.Logged(entry=entry):
            return Told("log", dict(entry))
        case events.Token() | events.Waiting() | events.Answered():
            data = event.as_json()
            return Told(data.pop("kind"), data)
        case _:
            return None
    return Told("node", found)


def done(turn: Turn) -> Told:
    """The turn's end."""
    return Told("done", {"turn": turn.model_dump(mode="json")})


def failed(code: str, message: str, hint: str, turn_id: str) -> Told:
    """The end of a turn that has no answer, or of a stream that cannot go on."""
    error = {"code": code, "message": message, "hint": hint}
    return Told("error", {"turn_id": turn_id, "error": error})
