from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imagery import CorruptImage, ImageTooLarge, Limits, NotAnImage
from imagery.decode import decode
from imagery.pool import DecodePool
from imagery.prepare import prepared
from imagery.process import PoolBroken, PoolClosed, WorkerProcess
from imagery.store import ImageStore
from imagery.worker import Job
from tests.imagery import jobs
from tests.imagery.pictures import one_line, png

pytestmark = pytest.mark.anyio

LIMITS = Limits()


@pytest.fixture
async def pool() -> AsyncIterator[DecodePool]:
    async with DecodePool(LIMITS, workers=1) as pool:
        yield pool


async def test_a_worker_decodes_to_the_same_picture(pool: DecodePool) -> None:
    there, here = await pool.decode(png(300, 200)), decode(png(300, 200), LIMITS)
    assert (there.rgb == here.rgb).all()
    assert (there.mime, there.notes) == (here.mime, here.notes)


async def test_a_refusal_comes_back_with_its_words_and_hint(pool: DecodePool) -> None:
    with pytest.raises(NotAnImage, match="web page"):
        await pool.decode(b"<html>")
    with pytest.raises(ImageTooLarge) as caught:
        await pool.run(decode, png(), replace(LIMITS, max_pixels=10))
    assert caught.value.hint == "crop it or make it smaller"


async def test_arrays_go_there_and_back(pool: DecodePool) -> None:
    values = np.arange(3_000_000, dtype=np.uint32).astype(np.uint8)
    assert (await pool.run(jobs.doubled, values) == np.concatenate([values, values])).all()


async def test_jobs_run_in_another_process_that_is_kept(pool: DecodePool) -> None:
    pids = {await pool.run(os.getpid) for _ in range(3)}
    assert len(pids) == 1
    assert os.getpid() not in pids


async def test_two_workers_work_at_the_same_time(tmp_path: Path) -> None:
    async with DecodePool(LIMITS, workers=2) as pool:
        both = [tmp_path / "1", tmp_path / "2"]
        running = [asyncio.create_task(pool.run(jobs.slow, 30.0, started)) for started in both]
        pids = {await _written(started) for started in both}
        assert len(pids) == 2
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_what_takes_too_long_is_cut_off_and_the_worker_replaced(tmp_path: Path) -> None:
    async with DecodePool(replace(LIMITS, decode_s=0.3), workers=1) as pool:
        with pytest.raises(ImageTooLarge, match=r"more than 0\.3 s") as caught:
            await pool.run(jobs.slow, 60.0, tmp_path / "started")
        one_line(caught.value)
        assert await pool.run(os.getpid) != await _written(tmp_path / "started")


async def test_what_takes_too_much_memory_is_refused() -> None:
    async with DecodePool(replace(LIMITS, decode_memory_bytes=200 * 1024**2), workers=1) as pool:
        assert await pool.run(jobs.fill, 100 * 1024**2) == 100 * 1024**2
        first = await pool.run(os.getpid)
        with pytest.raises(ImageTooLarge, match="more than 200 MB") as caught:
            await pool.run(jobs.fill, 300 * 1024**2)
        one_line(caught.value)
        assert await pool.run(os.getpid) != first


async def test_a_crash_is_the_pictures_fault_and_the_next_job_runs(pool: DecodePool) -> None:
    with pytest.raises(CorruptImage, match="SIGSEGV") as caught:
        await pool.run(jobs.crash)
    one_line(caught.value)
    with pytest.raises(CorruptImage, match="status 3"):
        await pool.run(jobs.leave)
    assert (await pool.decode(png())).width_px == 64


async def test_a_worker_killed_in_the_middle_of_a_job_is_replaced(
    pool: DecodePool, tmp_path: Path
) -> None:
    job = asyncio.create_task(pool.run(jobs.slow, 60.0, tmp_path / "started"))
    pid = await _written(tmp_path / "started")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(CorruptImage, match="SIGKILL"):
        await job
    assert await pool.run(os.getpid) != pid


async def test_a_worker_killed_between_jobs_harms_none(pool: DecodePool) -> None:
    pid = await pool.run(os.getpid)
    os.kill(pid, signal.SIGKILL)
    await _gone(pid)
    assert await pool.run(os.getpid) != pid


async def test_cancelling_a_caller_frees_its_worker(pool: DecodePool, tmp_path: Path) -> None:
    job = asyncio.create_task(pool.run(jobs.slow, 60.0, tmp_path / "started"))
    pid = await _written(tmp_path / "started")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await pool.run(os.getpid) != pid


async def test_a_job_cancelled_while_it_waits_never_runs(pool: DecodePool, tmp_path: Path) -> None:
    first = asyncio.create_task(pool.run(jobs.slow, 60.0, tmp_path / "first"))
    await _written(tmp_path / "first")
    second = asyncio.create_task(pool.run(jobs.slow, 60.0, tmp_path / "second"))
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await pool.run(jobs.fill, 1) == 1
    assert not (tmp_path / "second").exists()


async def test_an_error_of_the_function_itself_is_raised_as_it_is(pool: DecodePool) -> None:
    with pytest.raises(ValueError, match="by itself"):
        await pool.run(jobs.fail, "by itself")
    with pytest.raises(TypeError, match="cannot be sent"):
        await pool.run(jobs.unsendable)
    assert await pool.run(jobs.fill, 1) == 1


async def test_an_unknown_error_of_a_decoder_becomes_ours_and_is_logged(
    pool: DecodePool, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(CorruptImage, match="cannot be decoded"):
        await pool.decode("no bytes")  # type: ignore[arg-type]
    assert "TypeError" in caplog.text
    assert "signatures.py" in caplog.text  # where it was raised, in the other process
    assert "no bytes" not in caplog.text


async def test_closing_ends_what_runs_and_what_waits(tmp_path: Path) -> None:
    pool = DecodePool(LIMITS, workers=1)
    running = asyncio.create_task(pool.run(jobs.slow, 60.0, tmp_path / "started"))
    pid = await _written(tmp_path / "started")
    waiting = asyncio.create_task(pool.decode(png()))
    await asyncio.sleep(0)
    await asyncio.to_thread(pool.close)
    for job in (running, waiting):
        with pytest.raises(PoolClosed):
            await job
    await _gone(pid)
    with pytest.raises(PoolClosed):
        await pool.decode(png())


def test_a_closed_pool_leaves_no_process_and_no_thread() -> None:
    with DecodePool(LIMITS) as pool:
        pids = {pool.call(os.getpid) for _ in range(8)}
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_threads_share_a_pool(tmp_path: Path) -> None:
    with DecodePool(LIMITS) as pool, ThreadPoolExecutor(8) as threads:
        sizes = range(40, 72)
        got = threads.map(lambda n: pool.prepared(png(n), LIMITS).width_px, sizes)
        assert list(got) == list(sizes)


def test_a_store_decodes_in_a_pool(tmp_path: Path) -> None:
    with DecodePool(LIMITS, workers=1) as pool:
        store = ImageStore(tmp_path, LIMITS, pool.prepared)
        ref = store.put(png(), "upload")
        assert store.picture(ref.url)[0] == prepared(png(), LIMITS).picture
        with pytest.raises(NotAnImage):
            store.put(b"%PDF", "upload")


def test_a_worker_whose_libraries_are_missing_says_so() -> None:
    worker = WorkerProcess(LIMITS)
    path = sys.path[:]
    try:
        sys.path[:] = []
        worker.start()
    finally:
        sys.path[:] = path
    with pytest.raises(PoolBroken, match="does not start"):
        worker.call(Job(os.getpid, ()))
    assert worker.call(Job(jobs.fill, (1,))) == 1
    worker.stop()


def test_a_program_that_forgets_the_pool_ends_without_a_warning() -> None:
    program = (
        "import os\nfrom imagery.pool import DecodePool\nfrom imagery import Limits\n"
        "pool = DecodePool(Limits())\nprint(pool.call(os.getpid))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    _wait_until_gone(int(done.stdout))


def test_a_function_of_the_program_itself_is_not_found_in_a_worker() -> None:
    program = (
        "from imagery.pool import DecodePool\nfrom imagery import Limits\n"
        "def own(): pass\n"
        "with DecodePool(Limits()) as pool: pool.call(own)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "TypeError: the function is in no module" in done.stderr


def test_workers_end_with_a_program_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom imagery.pool import DecodePool\nfrom imagery import Limits\n"
        "pool = DecodePool(Limits())\nprint(pool.call(os.getpid), flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.kill()
    _wait_until_gone(worker)


async def _written(path: Path) -> int:
    """The process id in a file, once it is there."""
    return await asyncio.to_thread(_read_when_written, path)


def _read_when_written(path: Path) -> int:
    while not path.exists():
        time.sleep(0.01)
    return int(path.read_text("ascii"))


async def _gone(pid: int) -> None:
    await asyncio.to_thread(_wait_until_gone, pid)


def _wait_until_gone(pid: int) -> None:
    """Wait until a process has ended, reaped by its parent or not."""
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.01)
