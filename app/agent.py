"""One turn: the picture into the store, the graph over the thread, the answer out.

async with open_agent(settings) as agent:
    turn = await agent.ask("How much of this is water?", image="harbor.tif")
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import anyio.to_thread
from pydantic import BaseModel, ConfigDict

from app.context import AgentContext
from app.errors import BadRequest
from app.orchestrator import Graph, build_graph
from app.services.connect import connected
from app.services.modal_client import ModalServiceClient
from app.services.threads import thread_store
from app.services.vision import OnProgress, unheard
from app.settings import Settings
from app.state import AgentInput, LogEntry, Route, TaskName, VqaType
from imagery import ImageRef
from imagery.opening import Opened, open_reference
from imagery.pool import DecodePool
from imagery.reading import PLAIN, Reading
from imagery.store import ImageStore, open_store
from modal_services.prompting import decode_in_thread

MAX_MESSAGE_CHARACTERS = 20_000
THREAD_ID = r"[A-Za-z0-9_-]{1,64}"
STEPS = 12  # a turn takes 5; more means that the graph runs in circles


class Turn(BaseModel):
    """What a turn came to."""

    model_config = ConfigDict(frozen=True)

    thread_id: str
    turn_id: str
    task: TaskName
    vqa_type: VqaType | None
    route: Route
    status: str
    content: str
    engine: str | None
    model: str | None
    detail: dict[str, Any]
    image: ImageRef | None
    execution_log: list[LogEntry]
    error: dict[str, Any] | None = None
    ms: float


@dataclass
class Agent:
    """Runs turns. One turn at a time a thread; a second one waits its turn."""

    graph: Graph
    images: ImageStore
    vision: ModalServiceClient
    settings: Settings
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def keep_image(
        self, reference: str, reading: Reading = PLAIN, *, files: bool = False
    ) -> ImageRef:
        """A picture's reference (https URL, data: URI, image id, or path) as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        if re.fullmatch(r"(sha256:)?[0-9a-f]{64}", reference):
            return await anyio.to_thread.run_sync(self.images.ref, reference)
        opened = await open_reference(reference, self.settings.image_limits, reading, files=files)
        return await self._keep(opened)

    async def keep_bytes(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:
        """A picture's bytes as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        return await self._keep(Opened(data, source, reading))

    async def _keep(self, opened: Opened) -> ImageRef:
        # Abandoned, so that Ctrl-C does not wait for a picture: the pool ends reading it.
        return await anyio.to_thread.run_sync(self._put, opened, abandon_on_cancel=True)

    def _put(self, opened: Opened) -> ImageRef:
        data, source, reading = opened.data, opened.source, opened.reading
        if isinstance(data, Path):
            return self.images.put_raster(data, source, reading)
        return self.images.put(data, source, reading)

    async def ask(
        self,
        message: str,
        *,
        image: str | None = None,
        thread_id: str | None = None,
        task: TaskName | None = None,
        vqa_type: VqaType | None = None,
        files: bool = False,
        reading: Reading = PLAIN,
        on_progress: OnProgress = unheard,
    ) -> Turn:
        """Answers a message; without a picture it is about the thread's last one.

        `reading` says which part of a raster is meant, and what its bands are; `on_progress` hears
        of slow services. One that does not answer is a turn too, with the status `failed`.

        Raises:
            BadRequest: nothing was asked, or the thread id cannot be one.
            imagery.ImageryError: the picture cannot be taken.
        """
        _check(message, image, thread_id)
        ref = await self.keep_image(image, reading, files=files) if image else None
        thread_id, turn_id = thread_id or uuid.uuid4().hex, uuid.uuid4().hex
        given = AgentInput(turn_id=turn_id, user_query=message, task=task, vqa_type=vqa_type)
        if ref:
            given["image_url"] = ref.url
        began = time.perf_counter()
        async with self._alone(thread_id):
            state = await self._run(given, thread_id, on_progress)
        return _turn(state, thread_id, (time.perf_counter() - began) * 1000)

    async def picture(self, image_id: str) -> tuple[bytes, str]:
        """A stored picture as a model sees it, and its media type.

        Raises:
            imagery.ImageNotFound: there is none of that id.
        """
        return await anyio.to_thread.run_sync(self.images.picture, image_id)

    async def health(self) -> dict[str, dict[str, Any]]:
        """The state of what a turn needs: both services and the threads' database."""
        vqa, captioning = await asyncio.gather(
            self.vision.health("vqa"), self.vision.health("captioning")
        )
        return {"vqa": vqa, "captioning": captioning, "database": await self._database()}

    async def _database(self) -> dict[str, Any]:
        try:
            await self.graph.aget_state({"configurable": {"thread_id": "health"}})
        except sqlite3.Error as error:
            return {"state": "down", "detail": str(error)}
        return {"state": "ready"}

    async def _run(
        self, given: AgentInput, thread_id: str, on_progress: OnProgress = unheard
    ) -> dict[str, Any]:
        # Forgetting `context` is silent in LangGraph, so the graph is invoked here and only here.
        state: dict[str, Any] = await self.graph.ainvoke(
            given,
            {
                "configurable": {"thread_id": thread_id},
                "metadata": {"run_id": given["turn_id"]},
                "recursion_limit": STEPS,
            },
            context=AgentContext(self.vision, self.images, on_progress=on_progress),
            durability="exit",
        )
        return state

    @contextlib.asynccontextmanager
    async def _alone(self, thread_id: str) -> AsyncIterator[None]:
        # LangGraph does not serialise a thread: turns that overlap lose each other's messages.
        lock = self._locks.get(thread_id) or asyncio.Lock()
        self._locks[thread_id] = lock  # kept for as long as someone holds it or waits for it
        async with lock:
            yield


@contextlib.asynccontextmanager
async def open_agent(settings: Settings, *, isolated: bool = True) -> AsyncIterator[Agent]:
    """An agent with its services, pictures and threads; all closed on leaving.

    Args:
        settings: what it is made of.
        isolated: whether pictures are decoded in processes of their own, which a server needs;
            one that hangs in its decoder can be ended only so.
    """
    limits = settings.image_limits
    pool = DecodePool(limits, workers=settings.decode_workers) if isolated else None
    async with contextlib.AsyncExitStack() as stack:
        if pool:
            await stack.enter_async_context(pool)
        threads = await stack.enter_async_context(
            thread_store(settings.data_dir / "threads.sqlite3")
        )
        vision = await stack.enter_async_context(
            connected(settings, pool.decode if pool else decode_in_thread)
        )
        images = open_store(settings.image_place, limits, pool.prepared if pool else None)
        yield Agent(build_graph(threads), images, vision, settings)


def _check(message: str, image: str | None, thread_id: str | None) -> None:
    if len(message) > MAX_MESSAGE_CHARACTERS:
        size = f"{len(message):,} characters"
        raise BadRequest(f"The message is {size} long; {MAX_MESSAGE_CHARACTERS:,} are taken.")
    if not message.isprintable() and any("\ud800" <= c <= "\udfff" for c in message):
        raise BadRequest("The message has half characters (lone surrogates), which are no text.")
    if not message.strip() and not image:
        raise BadRequest("Nothing was asked: send a question, an image, or both.")
    if thread_id is not None and not re.fullmatch(THREAD_ID, thread_id):
        raise BadRequest("A thread id is 1 to 64 letters, digits, - or _.")


def _turn(state: dict[str, Any], thread_id: str, ms: float) -> Turn:
    answer, found = state["answer"], state["route"]
    return Turn(
        thread_id=thread_id,
        turn_id=state["turn_id"],
        task=found["task"],
        vqa_type=found["vqa_type"],
        route=found,
        status=answer["status"],
        content=answer["content"],
        engine=answer["engine"],
        model=answer["model"],
        detail=answer["detail"],
        image=ImageRef.model_validate(state["image"]) if state["image"] else None,
        execution_log=state["execution_log"],
        error=answer.get("error"),
        ms=round(ms, 1),
    )
