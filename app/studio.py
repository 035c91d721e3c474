"""The graph for hosts that pass no context, such as `langgraph dev`: see `langgraph.json`.

Nothing happens at import. The host keeps the threads; services and pictures are opened with the
graph and closed with it.
"""

from __future__ import annotations

import contextlib
import functools
import uuid
from collections.abc import AsyncIterator
from typing import Any

import anyio.to_thread
from langgraph.runtime import Runtime

from app.context import AgentContext
from app.keeping import keep_reference
from app.listening import Nobody
from app.nodes import ingest
from app.orchestrator import Graph, Node, build_graph
from app.services.connect import connected
from app.settings import Settings
from app.state import AgentState, AgentUpdate
from imagery.reading import PLAIN
from imagery.store import open_store


@contextlib.asynccontextmanager
async def make_graph() -> AsyncIterator[Graph]:
    """The agent with a context of its own; a message needs `user_query`, and may have `image_url`.

    `image_url` is an https URL, a data: URI or the id of a stored image.
    """
    settings = await anyio.to_thread.run_sync(Settings)  # it reads .env, and hosts mind
    async with connected(settings) as vision:
        images = open_store(settings.image_place, settings.image_limits)
        context = AgentContext(vision, images, secrets=settings.secrets)
        yield build_graph(bound=functools.partial(_bound, context))


def _bound(context: AgentContext, node: Node) -> Node:
    """The node with our context, under its own name."""
    inner: Node = _begin if node is ingest else node

    @functools.wraps(node)
    async def run(state: Any, *, runtime: Runtime[AgentContext], **more: Any) -> Any:
        return await inner(state, runtime=runtime.override(context=context), **more)

    return run


async def _begin(state: AgentState, runtime: Runtime[AgentContext]) -> AgentUpdate:
    """Ingests a message that nobody has prepared: its picture is kept, its turn gets an id."""
    images = runtime.context.images
    url, turn_id = state.get("image_url"), uuid.uuid4().hex
    keeper = (images, Nobody())
    kept = await keep_reference(keeper, url, PLAIN, files=False) if url else None
    image_url = kept.url if kept else None
    begun = AgentState(**{**state, "turn_id": turn_id, "image_url": image_url})
    found = await ingest(begun, runtime)
    return {**found, "turn_id": turn_id, "image_url": image_url}


__all__ = ["make_graph"]
