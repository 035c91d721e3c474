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
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from os import PathLike
from typing import Any, Literal

from app.agent_parts import AgentParts
from app.asked import Asked, check
from app.context import AgentContext
from app.errors import DatabaseTrouble, ThreadNotFound
from app.events import Event, Hear, Teller, TurnBegan
from app.orchestrator import build_graph
from app.owners import no_thread, owner_of, shown_thread, stored_key, stored_thread
from app.running import config_of, run, told
from app.services.connect import connected
from app.services.job_notes import LedgerNotes
from app.services.observed import Observer
from app.services.threads import open_threads
from app.services.threads.ledger import NewTurn, Outcome, TurnRow
from app.services.vision import OnProgress, unheard
from app.settings import Settings
from app.state import TaskName, VqaType
from app.turn import Turn, outcome_of, recorded, turn_of
from imagery.pool import DecodePool
from imagery.reading import PLAIN, Reading
from imagery.store import open_store
from modal_services.prompting import decode_in_thread

RESUME_EVERY_S = 30
TRIM_EVERY = 50  # turns


class Agent(AgentParts):
    """Runs turns. One turn at a time a thread; a second one waits its turn, or is refused."""

    @classmethod
    def open(cls, settings: Settings | None = None) -> AbstractAsyncContextManager[Agent]:
        """An agent for a script or a notebook: files may be named, and decode in threads.

        Raises:
            DatabaseTrouble: the threads' database cannot be used.
        """
        return open_agent(settings or Settings(), isolated=False, files=True)

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
        asked = Asked(message, named, task, vqa_type, reading, instructions, self.owner)
        check(asked, thread_id, turn_id, key)
        wait = (when_busy or self.settings.when_busy) == "wait"
        async with self.turns.in_order(stored_thread(self.owner, thread_id or uuid.uuid4().hex)):
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

    async def delete_thread(self, thread_id: str) -> None:
        """Removes all traces of a thread once its turns have ended, but for pictures.

        Raises:
            ThreadNotFound: there is none.
        """
        stored = stored_thread(self.owner, thread_id)
        with self.threads.database.told():
            saved = await self.threads.checkpoints.aget_tuple(config_of(stored))
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

    async def _picture(self, asked: Asked, key: str | None, *, files: bool) -> str | None:
        """The picture's reference; that of a message sent before is not fetched again."""
        if asked.image is None:
            return None
        if key and (known := await self.threads.ledger.known(stored_key(self.owner, key))):
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
        turn = turn_of(state, shown_thread(row.thread_id), (time.perf_counter() - began) * 1000)
        self.listener.turn(turn)
        return outcome_of(turn, state["messages"])

    async def _run(
        self, row: TurnRow, on_progress: OnProgress = unheard, hear: Hear | None = None
    ) -> dict[str, Any]:
        ledger = self.threads.ledger
        known = await ledger.jobs(row.turn_id) if row.runs > 1 else {}
        images = self.images if self.owner else self.images.within(owner_of(row.thread_id))
        teller = Teller(hear) if hear else None
        if hear:
            hear(TurnBegan(row.turn_id, shown_thread(row.thread_id)))
        context = AgentContext(
            self.vision,
            images,
            on_progress=teller.progress if teller else on_progress,
            jobs=LedgerNotes(ledger, row.turn_id, known),
            streams=teller is not None,
            secrets=self.settings.secrets,
        )
        return await run(self.graph, row, context, self.settings.durability, teller)


@contextlib.asynccontextmanager
async def open_agent(
    settings: Settings,
    *,
    isolated: bool = True,
    files: bool = False,
    observers: Sequence[Observer] = (),
) -> AsyncIterator[Agent]:
    """An agent with its services, pictures and threads; all closed on leaving.

    Args:
        settings: what it is made of.
        isolated: whether pictures are decoded in processes of their own, which a server needs;
            one that hangs in its decoder can be ended only so.
        files: whether a picture may be named by its path on this machine.
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
        yield Agent(build_graph(threads.checkpoints), images, vision, settings, threads, files)
