"""One run of the graph for a turn, heard or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from langchain_core.runnables import RunnableConfig

from app.context import AgentContext
from app.errors import SwathError
from app.events import Done, Event, Failed, Hear, Teller
from app.orchestrator import Graph
from app.prompts import texts
from app.services.threads.ledger import TurnRow
from app.turn import Turn, given
from imagery import ImageryError

log = structlog.get_logger(__name__)
STEPS = 12  # a turn takes 5; more means that the graph runs in circles
AT_ONCE = 4  # tasks of one turn


def config_of(thread_id: str) -> RunnableConfig:
    """Names a thread to LangGraph."""
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}


async def run(
    graph: Graph, row: TurnRow, context: AgentContext, durability: str, teller: Teller | None
) -> dict[str, Any]:
    """The turn's last state.

    Forgetting `context` is silent in LangGraph, so the graph is run here and only here. A run_id in
    `metadata` makes it go on with a run that it has begun; outside it does not.
    """
    config: RunnableConfig = {
        **config_of(row.thread_id),
        "metadata": {"run_id": row.turn_id},
        "recursion_limit": STEPS,
        "max_concurrency": AT_ONCE,
    }
    kept: Any = None  # where nothing is kept, LangGraph warns of being told how
    if graph.checkpointer:
        kept = "sync" if durability == "debug" else "exit"
    if teller is None:
        state: dict[str, Any] = await graph.ainvoke(
            given(row), config, context=context, durability=kept
        )
        return state
    state = {}
    events: AsyncIterator[Any] = graph.astream(
        given(row),
        config,
        context=context,
        durability=kept,
        stream_mode=["custom", "tasks", "values"],
    )
    async for mode, said in events:
        if mode == "values":
            state = said
        elif mode == "custom":
            teller.custom(said)
        else:
            teller.task(said)
    return state


async def told(ask: Callable[..., Awaitable[Turn]]) -> AsyncGenerator[Event]:
    """What a turn tells while it is asked, its end last; closed early, the turn is cancelled."""
    heard: asyncio.Queue[Event] = asyncio.Queue()
    asked = asyncio.ensure_future(_ended(ask, heard.put_nowait))
    try:
        while True:
            event = await heard.get()
            yield event
            if isinstance(event, Done | Failed):
                return
    finally:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)


async def _ended(ask: Callable[..., Awaitable[Turn]], hear: Hear) -> None:
    try:
        turn = await ask(hear=hear)
    except (SwathError, ImageryError) as error:
        hear(Failed(error.code, str(error), error.hint))
    except Exception:  # its reader hears of any fault as its last event
        log.exception("unhandled fault in a turn")
        hear(Failed("internal_error", texts.OUR_FAULT))
        raise
    else:
        hear(Done(turn))
