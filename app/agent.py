"""The agent: the picture into the store, the graph over the thread, the answer out.

async with open_agent(settings) as agent:
    turn = await agent.ask("How much of this is water?", image="harbor.tif")
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio.to_thread
from langchain_core.runnables import RunnableConfig

from app.asked import Asked, check
from app.context import AgentContext
from app.errors import DatabaseTrouble, ThreadNotFound
from app.health import health_of
from app.keeping import keep_opened, keep_reference
from app.listening import Listener, Nobody
from app.orchestrator import Graph, build_graph
from app.owners import no_thread, owner_of, shown_thread, stored_key, stored_thread
from app.services.connect import connected
from app.services.job_notes import LedgerNotes
from app.services.modal_client import ModalServiceClient
from app.services.observed import Observer
from app.services.threads import Threads, open_threads
from app.services.threads.ledger import NewTurn, Outcome, TurnRow
from app.services.threads.transcript import Message
from app.services.vision import OnProgress, unheard
from app.settings import Settings
from app.state import TaskName, VqaType
from app.turn import Turn, given, outcome_of, recorded, turn_of
from app.turn_queue import TurnQueue
from imagery import ImageRef
from imagery.opening import Opened
from imagery.pool import DecodePool
from imagery.reading import PLAIN, Reading
from imagery.store import ImageStore, open_store
from modal_services.prompting import decode_in_thread

STEPS = 12  # a turn takes 5; more means that the graph runs in circles
RESUME_EVERY_S = 30
TRIM_EVERY = 50  # turns


@dataclass
class Agent:
    """Runs turns, one at a time a thread. It is its `owner`'s; `of` gives another's view."""

    graph: Graph
    images: ImageStore
    vision: ModalServiceClient
    settings: Settings
    threads: Threads
    owner: str | None = None
    listener: Listener = field(default_factory=Nobody)
    turns: TurnQueue = field(init=False)

    def __post_init__(self) -> None:
        """Makes the queue of turns."""
        self.turns = TurnQueue(self.threads, self.settings.resume_within)

    def of(self, owner: str) -> Agent:
        """The same agent as it is for an owner: with its own threads, turns and pictures."""
        view = copy.copy(self)
        view.owner, view.images = owner, self.images.within(owner)
        return view

    async def keep_image(
        self, reference: str, reading: Reading = PLAIN, *, files: bool = False
    ) -> ImageRef:
        """A picture's reference (https URL, data: URI, image id, or path) as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        keeper = (self.images, self.listener)
        return await keep_reference(keeper, reference, reading, files=files)

    async def keep_bytes(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:
        """A picture's bytes as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        return await keep_opened((self.images, self.listener), Opened(data, source, reading))

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
        key: str | None = None,
        turn_id: str | None = None,
        when_busy: Literal["wait", "refuse"] | None = None,
    ) -> Turn:
        """Answers a message; without a picture it is about the thread's last one.

        `reading` says which part of a raster is meant, and what its bands are; `on_progress` hears
        of slow services. One that does not answer is a turn too, with the status `failed`.

        Sent again with its `key` (or, where there is none, its `turn_id`), a message is not asked
        again: what was answered is returned, and what still runs is waited for. `when_busy` says
        whether to wait for the thread's other turns; left out, the setting does.

        Raises:
            BadRequest, imagery.ImageryError: it cannot be asked, or the picture cannot be taken.
            KeyReused: the key was sent before with another request.
            ThreadBusy: a turn of the thread runs, and `when_busy` is `refuse`.
            DatabaseTrouble: the database cannot be used; the message is safe to send again.
        """
        asked = Asked(message, image, task, vqa_type, reading, self.owner)
        check(asked, thread_id, turn_id, key)
        wait = (when_busy or self.settings.when_busy) == "wait"
        async with self.turns.in_order(stored_thread(self.owner, thread_id or uuid.uuid4().hex)):
            url = await self._picture(asked, key or turn_id, files=files)
            entered = await self.turns.enter(asked.turn(thread_id, turn_id, key, url), wait=wait)
        work = functools.partial(self._work, on_progress=on_progress)
        return recorded(await self.turns.finish(entered, work))

    async def resume(self) -> int:
        """Finishes the turns that a crash cut off, and ends those that are too old; counts them."""
        return len(await self.turns.resume(self._work))

    async def keep_resuming(self, every_s: float = RESUME_EVERY_S) -> None:
        """Resumes for ever: for servers, since another one may be killed at any time."""
        while True:
            with contextlib.suppress(DatabaseTrouble):  # health tells of it; it may pass
                await self.resume()
            await asyncio.sleep(every_s)

    async def transcript(self, thread_id: str, after: int = 0, limit: int = 100) -> list[Message]:
        """What was said in a thread, after a sequence number; at most 1,000 messages at once."""
        stored = stored_thread(self.owner, thread_id)
        return await self.threads.transcript.read(stored, after, limit)

    async def delete_thread(self, thread_id: str) -> None:
        """Removes all traces of a thread once its turns have ended, but for pictures.

        Raises:
            ThreadNotFound: there is none.
        """
        stored = stored_thread(self.owner, thread_id)
        with self.threads.database.told():
            saved = await self.threads.checkpoints.aget_tuple(_config(stored))
        if saved is None and await self.threads.catalogue.thread(stored) is None:
            raise no_thread(thread_id)
        name = f"delete-{uuid.uuid4().hex}"
        new = NewTurn(name, stored, key=name, digest="", request={}, kind="delete")
        await self.turns.ask(new, self._work, wait=True)

    async def prune(self, older_than_s: float) -> list[str]:
        """Removes the threads that were not used for so long; returns their ids."""
        found = await self.threads.catalogue.idle_since(time.time() - older_than_s, self.owner)
        found = found if self.owner is None else [shown_thread(stored) for stored in found]
        for thread_id in found:
            with contextlib.suppress(ThreadNotFound):  # someone else removed it
                await self.delete_thread(thread_id)
        return found

    async def picture(self, image_id: str) -> tuple[bytes, str]:
        """A stored picture as a model sees it, and its media type.

        Raises:
            imagery.ImageNotFound: there is none of that id.
        """
        return await anyio.to_thread.run_sync(self.images.picture, image_id)

    async def health(self) -> dict[str, dict[str, Any]]:
        """The state of what a turn needs: both services, the threads' database, the pictures."""
        return await health_of(self.vision, self.threads, self.images)

    async def _picture(self, asked: Asked, key: str | None, *, files: bool) -> str | None:
        """The picture's reference; that of a message sent before is not fetched again."""
        if asked.image is None:
            return None
        if key and (known := await self.threads.ledger.known(stored_key(self.owner, key))):
            return known.image_url
        return (await self.keep_image(asked.image, asked.reading, files=files)).url

    async def _work(self, row: TurnRow, on_progress: OnProgress = unheard) -> Outcome:
        """Runs a turn of the ledger, from its beginning or from where a crash cut it off."""
        with self.threads.database.told():
            if row.kind == "delete":
                await self.threads.checkpoints.adelete_thread(row.thread_id)
                return Outcome("answered", "")
            began = time.perf_counter()
            state = await self._run(row, on_progress)
            if self.settings.durability == "exit" and row.position % TRIM_EVERY == 0:
                await self.threads.database.trim(row.thread_id)
        turn = turn_of(state, shown_thread(row.thread_id), (time.perf_counter() - began) * 1000)
        self.listener.turn(turn)
        return outcome_of(turn, state["messages"])

    async def _run(self, row: TurnRow, on_progress: OnProgress = unheard) -> dict[str, Any]:
        ledger = self.threads.ledger
        known = await ledger.jobs(row.turn_id) if row.runs > 1 else {}
        notes = LedgerNotes(ledger, row.turn_id, known)
        images = self.images if self.owner else self.images.within(owner_of(row.thread_id))
        # Forgetting `context` is silent in LangGraph, so the graph is invoked here and only here.
        # A run_id in `metadata` makes it go on with a run that it has begun; outside it does not.
        state: dict[str, Any] = await self.graph.ainvoke(
            given(row),
            _config(row.thread_id, row.turn_id),
            context=AgentContext(self.vision, images, on_progress=on_progress, jobs=notes),
            durability="sync" if self.settings.durability == "debug" else "exit",
        )
        return state


@contextlib.asynccontextmanager
async def open_agent(
    settings: Settings, *, isolated: bool = True, observers: Sequence[Observer] = ()
) -> AsyncIterator[Agent]:
    """An agent with its services, pictures and threads; all closed on leaving.

    Args:
        settings: what it is made of.
        isolated: whether pictures are decoded in processes of their own, which a server needs;
            one that hangs in its decoder can be ended only so.
        observers: who watches the calls of the services.

    Raises:
        DatabaseTrouble: the threads' database cannot be used.
    """
    limits = settings.image_limits
    pool = DecodePool(limits, workers=settings.decode_workers) if isolated else None
    async with contextlib.AsyncExitStack() as stack:
        if pool:
            await stack.enter_async_context(pool)
        threads = await stack.enter_async_context(open_threads(settings.threads_place))
        vision = await stack.enter_async_context(
            connected(settings, pool.decode if pool else decode_in_thread, observers)
        )
        images = open_store(settings.image_place, limits, pool.prepared if pool else None)
        yield Agent(build_graph(threads.checkpoints), images, vision, settings, threads)


def _config(thread_id: str, run_id: str = "") -> RunnableConfig:
    where = {"thread_id": thread_id, "checkpoint_ns": ""}
    return {"configurable": where, "metadata": {"run_id": run_id}, "recursion_limit": STEPS}
