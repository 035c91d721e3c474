"""Jobs in memory: for tests, and for services whose jobs need not survive them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from modal_services.jobs import Done, Failed, Missing, Outcome, Pending
from modal_services.stores.queued import Claim, QueuedJobs
from modal_services.wire import ChatRequest

PENDING = Pending()


@dataclass
class Job:
    """One job; it runs while `lease_until` lies ahead."""

    request: ChatRequest
    submitted: float
    outcome: Outcome = PENDING
    runs: int = 0
    lease_until: float | None = None


class MemoryJobs(QueuedJobs):
    """A job store in this process; arguments as `SqliteJobs`."""

    def __init__(
        self,
        *,
        workers: int = 2,
        max_queued: int = 1000,
        keep_s: float = 7 * 24 * 3600,
        lease_s: float = 30,
        poll_s: float = 1,
        drain_s: float = 5,
    ) -> None:
        table = MemoryTable(max_queued, keep_s)
        super().__init__(table, workers=workers, lease_s=lease_s, poll_s=poll_s, drain_s=drain_s)


class MemoryTable:
    """A `JobTable` in a dict, in the order of submission."""

    def __init__(
        self, max_queued: int, keep_s: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_queued = max_queued
        self._keep_s = keep_s
        self._now = now
        self._jobs: dict[str, Job] = {}

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Nothing to open."""
        yield

    async def add(self, call_id: str, request: ChatRequest) -> bool:
        """Forgets expired jobs, then queues this one if there is room."""
        self._jobs = {name: job for name, job in self._jobs.items() if self._fresh(job)}
        waiting = sum(self._waits(job) for job in self._jobs.values())
        if waiting >= self._max_queued or call_id in self._jobs:
            return False
        self._jobs[call_id] = Job(request, self._now())
        return True

    async def outcome(self, call_id: str) -> Outcome:
        """What is known of a job."""
        job = self._jobs.get(call_id)
        return job.outcome if job and self._fresh(job) else Missing()

    async def claim(self, lease_s: float) -> Claim | None:
        """The oldest job that waits or whose lease has ended."""
        for call_id, job in self._jobs.items():
            over = job.lease_until is not None and job.lease_until < self._now()
            if self._waits(job) or (over and isinstance(job.outcome, Pending)):
                job.runs += 1
                job.lease_until = self._now() + lease_s
                return Claim(call_id, job.request, job.runs)
        return None

    async def renew(self, call_id: str, lease_s: float) -> bool:
        """Keeps a lease."""
        job = self._jobs.get(call_id)
        if job is None or not isinstance(job.outcome, Pending):
            return False
        job.lease_until = self._now() + lease_s
        return True

    async def put_back(self, call_id: str) -> None:
        """Queues a running job again."""
        job = self._jobs.get(call_id)
        if job and isinstance(job.outcome, Pending):
            job.lease_until, job.runs = None, job.runs - 1

    async def finish(self, call_id: str, outcome: Done | Failed) -> bool:
        """Ends a job that has not ended."""
        job = self._jobs.get(call_id)
        if job is None or not isinstance(job.outcome, Pending):
            return False
        job.outcome = outcome
        return True

    def _waits(self, job: Job) -> bool:
        return isinstance(job.outcome, Pending) and job.lease_until is None

    def _fresh(self, job: Job) -> bool:
        return job.submitted + self._keep_s > self._now()
