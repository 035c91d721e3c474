from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path

import pytest

from modal_services.jobs import (
    CANCELLED,
    Done,
    Failed,
    Missing,
    Outcome,
    Pending,
    QueueFull,
    new_call_id,
)
from modal_services.stores.sqlite import SqliteJobs
from modal_services.wire import ChatCompletion, ChatRequest
from tests.fakes import completion

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest.model_validate(
    {"model": "m", "messages": [{"role": "user", "content": "How many ships?"}]}
)
ANSWER = Done(ChatCompletion.model_validate(completion()))


async def answer(_request: ChatRequest) -> Done:
    return ANSWER


async def ended(jobs: SqliteJobs, call_id: str) -> Outcome:
    """The outcome once it is final; five seconds are plenty for a job without work."""
    for _ in range(500):
        outcome = await jobs.outcome(call_id)
        if not isinstance(outcome, Pending):
            return outcome
        await asyncio.sleep(0.01)
    raise AssertionError("the job did not end")


async def test_a_submitted_job_is_answered_and_can_be_asked_for_again(tmp_path: Path) -> None:
    jobs = SqliteJobs(tmp_path / "jobs.sqlite3")
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
        assert await ended(jobs, call_id) == ANSWER
        assert await jobs.outcome(call_id) == ANSWER


async def test_a_job_waits_until_someone_has_time_for_it(tmp_path: Path) -> None:
    jobs = SqliteJobs(tmp_path / "jobs.sqlite3", workers=0)
    async with jobs.working(answer):
        assert await jobs.outcome(await jobs.submit(REQUEST)) == Pending()


async def test_a_failure_is_an_outcome(tmp_path: Path) -> None:
    async def fail(_request: ChatRequest) -> Failed:
        return Failed("No.", "Traceback ...")

    jobs = SqliteJobs(tmp_path / "jobs.sqlite3")
    async with jobs.working(fail):
        assert await ended(jobs, await jobs.submit(REQUEST)) == Failed("No.", "Traceback ...")


@pytest.mark.parametrize("call_id", ["fc-unknown", "garbage", "", "fc-", "../../health", "fc-a b"])
async def test_a_job_that_was_never_submitted_is_missing(tmp_path: Path, call_id: str) -> None:
    jobs = SqliteJobs(tmp_path / "jobs.sqlite3")
    async with jobs.working(answer):
        assert await jobs.outcome(call_id) == Missing()


async def test_a_finished_job_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    jobs = SqliteJobs(path)
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
        await ended(jobs, call_id)
    restarted = SqliteJobs(path)
    async with restarted.working(answer):
        assert await restarted.outcome(call_id) == ANSWER


async def test_a_running_job_goes_back_to_the_queue_on_shutdown(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    jobs, started = SqliteJobs(path, drain_s=0), asyncio.Event()

    async def never(_request: ChatRequest) -> Done:
        started.set()
        await asyncio.Event().wait()
        return ANSWER

    async with jobs.working(never):
        call_id = await jobs.submit(REQUEST)
        await started.wait()
    assert state_of(path, call_id) == "queued"
    restarted = SqliteJobs(path)
    async with restarted.working(answer):
        assert await ended(restarted, call_id) == ANSWER


async def test_a_job_whose_process_died_is_run_once_more(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    call_id = await abandoned(path, runs=1)
    jobs = SqliteJobs(path)
    async with jobs.working(answer):
        assert await ended(jobs, call_id) == ANSWER


async def test_a_job_whose_process_died_twice_fails_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    call_id = await abandoned(path, runs=2)
    jobs = SqliteJobs(path)
    async with jobs.working(answer):
        outcome = await ended(jobs, call_id)
    assert outcome == Failed("The service stopped twice while this job ran.")


async def test_a_job_with_a_fresh_lease_is_left_to_its_process(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    call_id = await abandoned(path, runs=1, lease_until=time.time() + 60)
    jobs = SqliteJobs(path, poll_s=0.01)
    async with jobs.working(answer):
        await asyncio.sleep(0.1)
        assert await jobs.outcome(call_id) == Pending()


async def test_a_long_job_keeps_its_lease(tmp_path: Path) -> None:
    runs = 0

    async def slow(_request: ChatRequest) -> Done:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.5)
        return ANSWER

    jobs = SqliteJobs(tmp_path / "jobs.sqlite3", lease_s=0.1, poll_s=0.01)
    async with jobs.working(slow):
        assert await ended(jobs, await jobs.submit(REQUEST)) == ANSWER
    assert runs == 1


async def test_two_processes_share_the_queue_and_run_nothing_twice(tmp_path: Path) -> None:
    ran: list[str] = []

    async def note(request: ChatRequest) -> Done:
        ran.append(str(request.seed))
        return ANSWER

    stores = [SqliteJobs(tmp_path / "jobs.sqlite3", poll_s=0.01) for _ in range(2)]
    async with contextlib.AsyncExitStack() as stack:
        for store in stores:
            await stack.enter_async_context(store.working(note))
        requests = [REQUEST.model_copy(update={"seed": seed}) for seed in range(20)]
        ids = [await stores[0].submit(request) for request in requests]
        outcomes = [await ended(stores[1], call_id) for call_id in ids]
    assert outcomes == [ANSWER] * 20
    assert sorted(ran, key=int) == [str(seed) for seed in range(20)]


async def test_a_full_queue_refuses_another_job(tmp_path: Path) -> None:
    jobs = SqliteJobs(tmp_path / "jobs.sqlite3", workers=0, max_queued=2)
    async with jobs.working(answer):
        await jobs.submit(REQUEST)
        await jobs.submit(REQUEST)
        with pytest.raises(QueueFull):
            await jobs.submit(REQUEST)


async def test_a_job_cancelled_in_one_process_stops_in_another(tmp_path: Path) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def never(_request: ChatRequest) -> Done:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return ANSWER

    path = tmp_path / "jobs.sqlite3"
    working, front = SqliteJobs(path, lease_s=0.1), SqliteJobs(path, workers=0)
    async with working.working(never), front.working(never):
        call_id = await working.submit(REQUEST)
        await started.wait()
        assert await front.cancel(call_id) == "cancelled"
        await asyncio.wait_for(stopped.wait(), 5)
        assert await working.outcome(call_id) == CANCELLED


async def test_a_cancelled_job_keeps_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    jobs = SqliteJobs(path, workers=0)
    async with jobs.working(answer):
        await jobs.cancel(await jobs.submit(REQUEST))
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT request FROM jobs").fetchall() == [("",)]


async def test_an_expired_job_is_missing(tmp_path: Path) -> None:
    jobs = SqliteJobs(tmp_path / "jobs.sqlite3", keep_s=0.05)
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
        await asyncio.sleep(0.1)
        assert await jobs.outcome(call_id) == Missing()


async def test_a_store_that_does_not_work_yet_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="working"):
        await SqliteJobs(tmp_path / "jobs.sqlite3").submit(REQUEST)


def test_call_ids_are_long_and_never_the_same() -> None:
    ids = {new_call_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(call_id) == 39 for call_id in ids)


def state_of(path: Path, call_id: str) -> str:
    with contextlib.closing(sqlite3.connect(path)) as database:
        (state,) = database.execute(
            "SELECT state FROM jobs WHERE call_id = ?", (call_id,)
        ).fetchone()
    return str(state)


async def abandoned(path: Path, *, runs: int, lease_until: float = 0) -> str:
    """A job that a process claimed and then died."""
    jobs = SqliteJobs(path, workers=0)
    async with jobs.working(answer):
        call_id = await jobs.submit(REQUEST)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(
            "UPDATE jobs SET state = 'running', runs = ?, lease_until = ?", (runs, lease_until)
        )
        database.commit()
    return call_id
