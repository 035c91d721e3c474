"""The agent: the picture into the store, the graph over the thread, the answer out.

async with Agent.open() as agent:
    turn = await agent.ask("How much of this is water?", image="harbor.tif")
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

import anyio.to_thread

from app.asked import Asked, check
from app.context import AgentContext
from app.errors import DatabaseTrouble, ThreadNotFound
from app.events import Event, Hear, Teller, TurnBegan
from app.keeping import keep_opened, keep_reference
from app.orchestrator import Graph, build_graph
from app.running import config_of, run, told
from app.services.connect import connected
from app.services.job_notes import LedgerNotes
from app.services.modal_client import ModalServiceClient
from app.services.threads import Threads, open_threads
from app.services.threads.ledger import NewTurn, Outcome, TurnRow
from app.services.threads.transcript import Message
from app.services.vision import OnProgress, unheard
from app.settings import Settings
from app.state import TaskName, VqaType
from app.turn import Turn, outcome_of, recorded, turn_of
from app.turn_queue import TurnQueue
from imagery import ImageRef
from imagery.opening import Opened
from imagery.pool import DecodePool
from imagery.reading import PLAIN, Reading
from imagery.store import ImageStore, open_store
from modal_services.prompting import decode_in_thread

RESUME_EVERY_S = 30
TRIM_EVERY = 50  # turns


@dataclass
class Agent:
    """Runs turns. One turn at a time a thread; a second one waits its turn, or is refused.

    `files` says whether a picture may be named by its path on this machine.
    """

    graph: Graph
    images: ImageStore
    vision: ModalServiceClient
    settings: Settings
    threads: Threads
    files: bool = False
    turns: TurnQueue = field(init=False)

    def __post_init__(self) -> None:
        """Makes the queue of turns."""
        self.turns = TurnQueue(self.threads, self.settings.resume_within)

    @classmethod
    def open(cls, settings: Settings | None = None) -> AbstractAsyncContextManager[Agent]:
        """An agent for a script or a notebook: files may be named, and decode in threads.

        Raises:
            DatabaseTrouble: the threads' database cannot be used.
        """
        return open_agent(settings or Settings(), isolated=False, files=True)

    async def keep_image(
        self, reference: str, reading: Reading = PLAIN, *, files: bool = False
    ) -> ImageRef:
        """A picture's reference (https URL, data: URI, image id, or path) as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        limits = self.settings.image_limits
        return await keep_reference(self.images, reference, limits, reading, files=files)

    async def keep_bytes(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:
        """A picture's bytes as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        return await keep_opened(self.images, Opened(data, source, reading))

    async def ask(
        self,
        message: str = "",
        *,
        image: str | PathLike[str] | None = None,
        thread_id: str | None = None,
        task: TaskName | None = None,
        vqa_type: VqaType | None = None,
        files: bool | None = None,
        reading: Reading = PLAIN,
        on_progress: OnProgress = unheard,
        key: str | None = None,
        turn_id: str | None = None,
        when_busy: Literal["wait", "refuse"] | None = None,
        hear: Hear | None = None,
        instructions: str = "",
    ) -> Turn:
        """Answers a message; without a picture it is about the thread's last one.

        `reading` says which part of a raster is meant, and what its bands are; `on_progress` hears
        of slow services, `hear` of everything (see `stream`). A service that does not answer is a
        turn too, with the status `failed`. `instructions` go to a model beside the question.

        Sent again with its `key` (or, where there is none, its `turn_id`), a message is not asked
        again: what was answered is returned, and what still runs is waited for. `when_busy` says
        whether to wait for the thread's other turns; left out, the setting does.

        Raises:
            BadRequest, imagery.ImageryError: it cannot be asked, or the picture cannot be taken.
            KeyReused: the key was sent before with another request.
            ThreadBusy: a turn of the thread runs, and `when_busy` is `refuse`.
            DatabaseTrouble: the database cannot be used; the message is safe to send again.
        """
        named = None if image is None else os.fspath(image)
        asked = Asked(message, named, task, vqa_type, reading, instructions)
        check(asked, thread_id, turn_id, key)
        wait = (when_busy or self.settings.when_busy) == "wait"
        async with self.turns.in_order(thread_id or uuid.uuid4().hex):
            allowed = self.files if files is None else files
            url = await self._picture(asked, key or turn_id, files=allowed)
            entered = await self.turns.enter(asked.turn(thread_id, turn_id, key, url), wait=wait)
        work = functools.partial(self._work, on_progress=on_progress, hear=hear)
        return recorded(await self.turns.finish(entered, work))

    async def stream(self, message: str = "", **options: Any) -> AsyncGenerator[Event]:
        """Asks as `ask` does, and tells what happens: see `app.events`.

        The last event is `Done`, or `Failed` where `ask` would have raised. Closed early
        (`contextlib.aclosing`), the turn is cancelled, and what a service does for it.
        """
        async with aclosing(told(functools.partial(self.ask, message, **options))) as events:
            async for event in events:
                yield event

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
        return await self.threads.transcript.read(thread_id, after, limit)

    async def delete_thread(self, thread_id: str) -> None:
        """Removes all traces of a thread once its turns have ended, but for pictures.

        Raises:
            ThreadNotFound: there is none.
        """
        with self.threads.database.told():
            saved = await self.threads.checkpoints.aget_tuple(config_of(thread_id))
        if saved is None and await self.threads.catalogue.thread(thread_id) is None:
            raise ThreadNotFound(f"There is no thread {thread_id[:64]!r}.")
        name = f"delete-{uuid.uuid4().hex}"
        new = NewTurn(name, thread_id, key=name, digest="", request={}, kind="delete")
        await self.turns.ask(new, self._work, wait=True)

    async def prune(self, older_than_s: float) -> list[str]:
        """Removes the threads that were not used for so long; returns their ids."""
        found = await self.threads.catalogue.idle_since(time.time() - older_than_s)
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
        """The state of what a turn needs: both services and the threads' database."""
        vqa, captioning = await asyncio.gather(
            self.vision.health("vqa"), self.vision.health("captioning")
        )
        return {"vqa": vqa, "captioning": captioning, "database": await self._database()}

    async def _database(self) -> dict[str, Any]:
        try:
            await self.threads.ledger.first_open("health")
        except DatabaseTrouble as error:
            return {"state": "down", "detail": str(error)}
        return {"state": "ready"}

    async def _picture(self, asked: Asked, key: str | None, *, files: bool) -> str | None:
        """The picture's reference; that of a message sent before is not fetched again."""
        if asked.image is None:
            return None
        if key and (known := await self.threads.ledger.known(key)):
            return known.image_url
        return (await self.keep_image(asked.image, asked.reading, files=files)).url

    async def _work(
        self, row: TurnRow, on_progress: OnProgress = unheard, hear: Hear | None = None
    ) -> Outcome:
        """Runs a turn of the ledger, from its beginning or from where a crash cut it off."""
        with self.threads.database.told():
            if row.kind == "delete":
                await self.threads.checkpoints.adelete_thread(row.thread_id)
                return Outcome("answered", "")
            began = time.perf_counter()
            state = await self._run(row, on_progress, hear)
            if self.settings.durability == "exit" and row.position % TRIM_EVERY == 0:
                await self.threads.database.trim(row.thread_id)
        turn = turn_of(state, row.thread_id, (time.perf_counter() - began) * 1000)
        return outcome_of(turn, state["messages"])

    async def _run(
        self, row: TurnRow, on_progress: OnProgress = unheard, hear: Hear | None = None
    ) -> dict[str, Any]:
        ledger = self.threads.ledger
        known = await ledger.jobs(row.turn_id) if row.runs > 1 else {}
        teller = Teller(hear) if hear else None
        if hear:
            hear(TurnBegan(row.turn_id, row.thread_id))
        context = AgentContext(
            self.vision,
            self.images,
            on_progress=teller.progress if teller else on_progress,
            jobs=LedgerNotes(ledger, row.turn_id, known),
            streams=teller is not None,
            secrets=self.settings.secrets,
        )
        return await run(self.graph, row, context, self.settings.durability, teller)


@contextlib.asynccontextmanager
async def open_agent(
    settings: Settings, *, isolated: bool = True, files: bool = False
) -> AsyncIterator[Agent]:
    """An agent with its services, pictures and threads; all closed on leaving.

    Args:
        settings: what it is made of.
        isolated: whether pictures are decoded in processes of their own, which a server needs;
            one that hangs in its decoder can be ended only so.
        files: whether a picture may be named by its path on this machine.

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
            connected(settings, pool.decode if pool else decode_in_thread)
        )
        images = open_store(settings.image_place, limits, pool.prepared if pool else None)
        yield Agent(build_graph(threads.checkpoints), images, vision, settings, threads, files)
