"""What every store that runs its own jobs does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modal_services.jobs import CANCELLED, Done, Failed, Missing, Outcome, Pending, QueueFull
from modal_services.stores.memory import MemoryJobs, MemoryTable
from modal_services.stores.queued import QueuedJobs
from modal_services.stores.sqlite import SqliteJobs
from modal_services.wire import ChatCompletion, ChatRequest
from tests.fakes import Clock, completion

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest.model_validate(
    {"model": "m", "messages": [{"role": "user", "content": "How many ships?"}]}
)
ANSWER = Done(ChatCompletion.model_validate(completion()))
Make = Callable[..., QueuedJobs]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def store(**options: Any) -> QueuedJobs:
        if request.param == "memory":
            return MemoryJobs(**options)
        return SqliteJobs(tmp_path / "jobs.sqlite3", **options)

    return store


class Work:
    """Work that goes on until it may end."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.may_end = asyncio.Event()
        self.stopped = False

    async def __call__(self, _request: ChatRequest) -> Done:
        self.started.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return ANSWER


async def answer(_request: ChatRequest) -> Done:
    return ANSWER


async def ended(jobs: QueuedJobs, call_id: str) -> Outcome:
    async with asyncio.timeout(5):
        while isinstance(await jobs.outcome(call_id), Pending):  # noqa: ASYNC110 - as callers do
            await asyncio.sleep(0.01)
    return await jobs.outcome(call_id)


async def test_a_job_is_answered_and_can_be_asked_for_again(make: Make) -> None:
    jobs = make()
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
        assert await ended(jobs, call_id) == ANSWER
        assert await jobs.outcome(call_id) == ANSWER


async def test_a_request_sent_again_with_its_key_is_one_job(make: Make) -> None:
    asked: list[ChatRequest] = []

    async def counted(request: ChatRequest) -> Done:
        asked.append(request)
        return ANSWER

    other = REQUEST.model_copy(update={"model": "other"})
    jobs = make()
    async with jobs.working(counted):
        ids = await asyncio.gather(*(jobs.submit(REQUEST, "turn/0") for _ in range(5)))
        assert await ended(jobs, ids[0]) == ANSWER
        assert await jobs.submit(REQUEST, "turn/0") == ids[0]
        await ended(jobs, await jobs.submit(other, "turn/0"))
        await ended(jobs, await jobs.submit(REQUEST, "turn/1"))
    assert len(set(ids)) == 1
    assert len(asked) == 3


async def test_a_cancelled_job_that_waits_never_runs(make: Make) -> None:
    work, jobs = Work(), make(workers=1)
    async with jobs.working(work):
        first = await jobs.submit(REQUEST)
        await work.started.wait()
        second = await jobs.submit(REQUEST)
        assert await jobs.cancel(second) == "cancelled"
        work.may_end.set()
        assert await ended(jobs, first) == ANSWER
        assert await jobs.outcome(second) == CANCELLED


async def test_a_cancelled_job_that_runs_is_stopped_and_the_next_one_runs(make: Make) -> None:
    work, jobs = Work(), make(workers=1)
    async with jobs.working(work):
        call_id = await jobs.submit(REQUEST)
        await work.started.wait()
        assert await jobs.cancel(call_id) == "cancelled"
        assert await jobs.outcome(call_id) == CANCELLED
        work.may_end.set()
        assert await ended(jobs, await jobs.submit(REQUEST)) == ANSWER
    assert work.stopped


async def test_a_job_is_cancelled_once(make: Make) -> None:
    jobs = make(workers=0)
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
        assert [await jobs.cancel(call_id) for _ in range(2)] == ["cancelled", "ended"]


@pytest.mark.parametrize("call_id", ["fc-unknown", "garbage", ""])
async def test_an_unknown_job_cannot_be_cancelled(make: Make, call_id: str) -> None:
    jobs = make()
    async with jobs.working(answer):
        assert await jobs.cancel(call_id) == "missing"


async def test_a_running_job_may_end_when_the_service_stops(make: Make) -> None:
    work, jobs = Work(), make()
    async with jobs.working(work):
        await jobs.submit(REQUEST)
        await work.started.wait()
        asyncio.get_running_loop().call_later(0.1, work.may_end.set)
    assert not work.stopped


async def test_a_job_that_goes_on_too_long_is_put_back(make: Make) -> None:
    work, jobs = Work(), make(drain_s=0.05)
    async with jobs.working(work):
        call_id = await jobs.submit(REQUEST)
        await work.started.wait()
    assert work.stopped
    async with jobs.working(answer):
        assert await ended(jobs, call_id) == ANSWER


async def test_a_full_queue_refuses_another_job(make: Make) -> None:
    jobs = make(workers=0, max_queued=1)
    async with jobs.working(answer):
        await jobs.submit(REQUEST)
        with pytest.raises(QueueFull):
            await jobs.submit(REQUEST)


async def test_an_expired_job_is_missing(make: Make) -> None:
    jobs = make(keep_s=0.05)
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
        await asyncio.sleep(0.1)
        assert await jobs.outcome(call_id) == Missing()


async def test_a_table_in_memory_gives_a_job_whose_lease_ended_again() -> None:
    clock = Clock()
    table = MemoryTable(max_queued=9, keep_s=100, now=clock.now)
    assert await table.add("fc-1", REQUEST)
    first = await table.claim(lease_s=10)
    assert await table.claim(lease_s=10) is None
    await clock.sleep(11)
    second = await table.claim(lease_s=10)
    assert first is not None
    assert second is not None
    assert (first.runs, second.runs) == (1, 2)


async def test_a_table_in_memory_renews_only_what_runs() -> None:
    table = MemoryTable(max_queued=9, keep_s=100)
    await table.add("fc-1", REQUEST)
    assert await table.renew("fc-1", 10)
    assert await table.finish("fc-1", Failed("No."))
    assert not await table.renew("fc-1", 10)
    assert not await table.finish("fc-1", ANSWER)
    await table.put_back("fc-1")
    assert await table.outcome("fc-1") == Failed("No.")
