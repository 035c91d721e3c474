"""A turn of no thread: asked, answered and forgotten, for clients that keep the conversation.

Nothing is written but the picture: the graph runs over a memory of its own, which starts with what
the client says was said before. No ledger knows the turn, so that a crash ends it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from app.agent import Agent
from app.asked import Asked, check
from app.context import AgentContext
from app.events import Hear, Teller, TurnBegan
from app.orchestrator import build_graph
from app.running import config_of, run
from app.services.threads.ledger import TurnRow
from app.services.vision import unheard
from app.state import KEPT_MESSAGES
from app.turn import Turn, turn_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier message: the user's (with whether it was about the same picture), or ours."""

    content: str
    user: bool = True
    same_image: bool = True


async def ask_once(
    agent: Agent, asked: Asked, earlier: Sequence[Earlier] = (), hear: Hear | None = None
) -> Turn:
    """Answers a message without a thread; the turn's `thread_id` is empty.

    Raises:
        BadRequest, imagery.ImageryError: it cannot be asked, or the picture cannot be taken.
    """
    check(asked, None, None, None)
    began = time.perf_counter()
    image = await agent.keep_image(asked.image, asked.reading) if asked.image else None
    row = unkept(asked, uuid.uuid4().hex, image.url if image else None)
    teller = Teller(hear) if hear else None
    context = AgentContext(
        agent.vision,
        agent.images,
        on_progress=teller.progress if teller else unheard,
        streams=teller is not None,
        secrets=agent.settings.secrets,
    )
    if hear:
        hear(TurnBegan(row.turn_id, ""))
    graph = build_graph(InMemorySaver())
    if said := _messages(earlier, image.sha256 if image else ""):
        await graph.aupdate_state(config_of(row.thread_id), {"messages": said}, as_node="compose")
    state = await run(graph, row, context, "exit", teller)
    turn = turn_of(state, "", (time.perf_counter() - began) * 1000)
    agent.listener.turn(turn)
    return turn


def unkept(asked: Asked, turn_id: str, image_url: str | None) -> TurnRow:
    """A turn that no ledger knows."""
    new = asked.turn(None, turn_id, None, image_url)
    return TurnRow(
        turn_id=new.turn_id,
        thread_id=new.thread_id,
        position=1,
        kind="ask",
        key=new.key,
        digest=new.digest,
        state="open",
        owner="",
        runs=1,
        request=new.request,
        image_url=image_url,
        result=None,
        created=time.time(),
    )


def _messages(earlier: Sequence[Earlier], sha256: str) -> list[AnyMessage]:
    """What was said before, as the nodes write it, so that they find it."""
    found: list[AnyMessage] = []
    for number, one in enumerate(earlier[-KEPT_MESSAGES:]):
        if one.user:
            about = {"image": sha256} if one.same_image and sha256 else {}
            about = about if one.same_image else {"image": "another"}
            said = HumanMessage(one.content, id=f"e{number}-user", additional_kwargs=about)
            found.append(said)
        else:
            kind = {"response_type": "answer"}
            found.append(AIMessage(one.content, id=f"e{number}-answer", additional_kwargs=kind))
    return found
