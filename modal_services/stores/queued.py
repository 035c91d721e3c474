"""Jobs that a table keeps and this process runs: claim, lease, heartbeat, cancel, drain.

A worker claims a job with a lease and renews it while it works. A job whose lease ran out (its
process died) is run once more, and fails with a clear word if that run dies too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from modal_services.jobs import (
    CANCELLED,
    Cancellation,
    Done,
    Failed,
    Missing,
    Outcome,
    Pending,
    QueueFull,
    Run,
    call_id_for,
    is_call_id,
    new_call_id,
)
from modal_services.wire import ChatRequest

MAX_RUNS = 2
DIED_TWICE = Failed("The service stopped twice while this job ran.")


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this process may run until its lease ends."""

    call_id: str
    request: ChatRequest
    runs: int


class JobTable(Protocol):
    """Where jobs are kept. Each method is one step that happens whole or not at all."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """The others work only while this is entered."""
        ...

    async def add(self, call_id: str, request: ChatRequest) -> bool:
        """Queues a job; False: the queue is full, or the job is known already."""
        ...

    async def outcome(self, call_id: str) -> Outcome:
        """What is known of a job."""
        ...

    async def claim(self, lease_s: float) -> Claim | None:
        """The oldest job that waits or whose lease has ended."""
        ...

    async def renew(self, call_id: str, lease_s: float) -> bool:
        """Keeps a lease; False: the job runs no more."""
        ...

    async def put_back(self, call_id: str) -> None:
        """Queues a running job again, as if it had not been claimed."""
        ...

    async def finish(self, call_id: str, outcome: Done | Failed) -> bool:
        """Ends a job that has not ended; False: it had."""
        ...


class QueuedJobs:
    """A job store over a table.

    Args:
        table: where the jobs are kept.
        workers: jobs that run at once in this process.
        lease_s: how long a claimed job is left alone without a sign of life.
        poll_s: how often an idle worker looks for jobs of other processes.
        drain_s: how long running jobs may go on when the service stops.
    """

    def __init__(
        self, table: JobTable, *, workers: int, lease_s: float, poll_s: float, drain_s: float
    ) -> None:
        self._table = table
        self._workers = workers
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._drain_s = drain_s
        self._wake = asyncio.Event()
        self._draining = False
        self._running: dict[str, asyncio.Task[Done | Failed]] = {}

    async def submit(self, request: ChatRequest, key: str = "") -> str:
        """Stores the request; with a key only once.

        Raises:
            QueueFull: as many jobs wait as the table takes.
        """
        call_id = call_id_for(key, request) if key else new_call_id()
        if not await self._table.add(call_id, request):
            if isinstance(await self._table.outcome(call_id), Missing):
                raise QueueFull
            return call_id
        self._wake.set()
        return call_id

    async def outcome(self, call_id: str) -> Outcome:
        """What is known of the job; anything that is no call id is `Missing`."""
        return await self._table.outcome(call_id) if is_call_id(call_id) else Missing()

    async def cancel(self, call_id: str) -> Cancellation:
        """Ends a job; another process that runs it notices with its next heartbeat."""
        known = await self.outcome(call_id)
        if isinstance(known, Missing):
            return "missing"
        if not isinstance(known, Pending) or not await self._table.finish(call_id, CANCELLED):
            return "ended"
        if work := self._running.get(call_id):
            work.cancel()
        return "cancelled"

    @contextlib.asynccontextmanager
    async def working(self, run: Run) -> AsyncIterator[None]:
        """While entered, jobs are run; on leaving, those that do not end soon are put back."""
        async with self._table.opened():
            self._draining = False
            workers = [asyncio.create_task(self._work(run)) for _ in range(self._workers)]
            try:
                yield
            finally:
                await self._drain(workers)

    async def _drain(self, workers: list[asyncio.Task[None]]) -> None:
        self._draining = True
        self._wake.set()
        if workers and self._running:
            await asyncio.wait(workers, timeout=self._drain_s)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, run: Run) -> None:
        while not self._draining:
            claim = await self._table.claim(self._lease_s)
            if claim:
                await self._run(claim, run)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._poll_s)
            self._wake.clear()

    async def _run(self, claim: Claim, run: Run) -> None:
        call_id = claim.call_id
        if claim.runs > MAX_RUNS:
            await self._table.finish(call_id, DIED_TWICE)
            return
        work = self._running[call_id] = asyncio.ensure_future(run(claim.request))
        heartbeat = asyncio.create_task(self._keep_lease(call_id, work))
        try:
            await asyncio.wait({work})
            if not work.cancelled():  # cancelled: the job was, and has its outcome
                await self._table.finish(call_id, work.result())
        except asyncio.CancelledError:
            await self._put_back(call_id, work)
            raise
        finally:
            heartbeat.cancel()
            del self._running[call_id]

    async def _put_back(self, call_id: str, work: asyncio.Task[Done | Failed]) -> None:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await self._table.put_back(call_id)

    async def _keep_lease(self, call_id: str, work: asyncio.Task[Done | Failed]) -> None:
        while await self._table.renew(call_id, self._lease_s):  # noqa: ASYNC110 - it is a heartbeat
            await asyncio.sleep(self._lease_s / 3)
        work.cancel()
