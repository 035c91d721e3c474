"""What an agent's caller may see: the one place where routes turn ids into rows.

A thread or turn that is another's is answered as one that is not there.
"""

from __future__ import annotations

import re

from app.agent import Agent
from app.errors import TurnNotFound
from app.owners import THREAD_ID, no_thread, owner_of, shown_thread, stored_key, stored_thread
from app.services.threads.catalogue import ThreadSummary
from app.services.threads.ledger import TurnRow

shown = shown_thread


def owner(agent: Agent) -> str:
    """Whose view the agent is; empty where no keys are asked for."""
    return agent.owner or ""


def stored(agent: Agent, thread_id: str) -> str:
    """The name under which a thread of the caller is stored.

    Raises:
        ThreadNotFound: that can be no id of a thread.
    """
    return stored_thread(agent.owner, thread_id)


async def known(agent: Agent, key: str) -> TurnRow | None:
    """The caller's turn that was sent with an idempotency key."""
    return await agent.threads.ledger.known(stored_key(agent.owner, key))


async def turn(agent: Agent, turn_id: str) -> TurnRow:
    """A turn of the caller.

    Raises:
        TurnNotFound: there is none.
    """
    # What can be no id is not asked for: PostgreSQL takes no null character.
    named = re.fullmatch(THREAD_ID, turn_id)
    row = await agent.threads.ledger.turn(turn_id) if named else None
    if row is None or row.kind != "ask" or owner_of(row.thread_id) != owner(agent):
        raise TurnNotFound(f"There is no turn {_printable(turn_id)!r}.")
    return row


async def thread(agent: Agent, thread_id: str) -> ThreadSummary:
    """A thread of the caller.

    Raises:
        ThreadNotFound: there is none.
    """
    found = await agent.threads.catalogue.thread(stored(agent, thread_id))
    if found is None:
        raise no_thread(thread_id)
    return found.model_copy(update={"thread_id": shown(found.thread_id)})


async def threads(agent: Agent, limit: int, offset: int) -> list[ThreadSummary]:
    """The caller's threads, the last used first."""
    found = await agent.threads.catalogue.listed(limit, offset, owner(agent))
    return [one.model_copy(update={"thread_id": shown(one.thread_id)}) for one in found]


def _printable(name: str) -> str:
    return "".join(one for one in name if one.isprintable())[:64]
