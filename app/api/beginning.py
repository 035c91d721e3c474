"""A message becomes a turn that runs here, or is found to be one that was sent before."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from typing import Any

from app.agent import Agent
from app.api import whose
from app.api.live import LiveTurn, Request
from app.api.live_turns import LiveTurns
from app.asked import Asked, check
from app.errors import KeyReused, TurnRunning
from app.events import Hear
from app.services.threads.ledger import TurnRow
from app.turn import Turn


async def begun(
    agent: Agent, turns: LiveTurns, said: Mapping[str, Any], key: str | None, *, heard: bool
) -> tuple[LiveTurn, bool]:
    """The turn, and whether it was sent before.

    Args:
        agent: whose turn it is.
        turns: those of this process.
        said: the message: the fields of `ChatMessage`.
        key: the caller's idempotency key.
        heard: whether what happens is told, so that answers are asked for in pieces.

    Raises:
        BadRequest: it cannot be asked.
        KeyReused: the key was sent before with another message.
        TurnRunning: the same message is being answered, and the setting is not to wait for it.
    """
    asked = Asked(said["message"], said["image"], said["task"], said["vqa_type"])
    check(asked, said["thread_id"], None, key)
    row = await whose.known(agent, key) if key else None
    # From here to the new turn nothing is awaited, so that no second one comes between.
    request = Request(
        turn_id=row.turn_id if row else uuid.uuid4().hex,
        owner=whose.owner(agent),
        digest=asked.digest,
        thread_id=said["thread_id"],
        key=key,
        keeps_on=said["continue_on_disconnect"],
        heard=heard,
    )
    return _turn(agent, turns, request, asked, row)


def _turn(
    agent: Agent, turns: LiveTurns, request: Request, asked: Asked, row: TurnRow | None
) -> tuple[LiveTurn, bool]:
    attach = agent.settings.when_repeated == "attach"
    before = turns.of_key(request.owner, request.key)
    if before and (found := _running(before, request, row, attach=attach)):
        return found, True
    # Where another process answers it, the agent refuses or waits too.
    wait = "refuse" if row and row.state == "open" and not attach else None
    ask = functools.partial(_ask, agent, request, asked, wait)
    return turns.begin(request, ask), row is not None and row.state != "cancelled"


async def _ask(agent: Agent, request: Request, asked: Asked, wait: Any, hear: Hear) -> Turn:
    return await agent.ask(
        asked.message,
        image=asked.image,
        thread_id=request.thread_id,
        task=asked.task,
        vqa_type=asked.vqa_type,
        key=request.key,
        turn_id=request.turn_id,
        when_busy=wait,
        hear=hear if request.heard else None,
    )


def _running(
    found: LiveTurn, request: Request, row: TurnRow | None, *, attach: bool
) -> LiveTurn | None:
    """The turn that was sent before, if it runs here or its log is still there."""
    if found.ended.is_set() and (found.turn is None or row is None):
        return None  # it was cancelled, never taken, or its thread was deleted: it is asked
    same_thread = request.thread_id in (None, found.thread_id)
    if found.request.digest != request.digest or not same_thread:
        raise KeyReused("The key was sent before with another request.", hint="Use a new key.")
    if not found.ended.is_set() and not attach:
        hint = f"Ask again in a moment, or read GET /api/turns/{found.turn_id}/events"
        raise TurnRunning("This turn runs already.", hint=hint)
    return found
