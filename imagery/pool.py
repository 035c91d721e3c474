"""Decoding in processes of its own, so that no file can take the service down.

Each worker is a process with its libraries loaded and limits on its memory and its time. One that
crashes or takes too long is replaced, and its job raises one of our errors.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from imagery.errors import CorruptImage, ImageryError
from imagery.limits import Limits
from imagery.process import PoolBroken, PoolClosed, WorkerProcess
from imagery.reading import PLAIN, Reading
from imagery.worker import Job

if TYPE_CHECKING:
    from imagery.picture import Picture
    from imagery.prepare import Prepared

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class DecodePool:
    """Worker processes for functions that touch strangers' files.

    `with` and `async with` start the workers and end them; otherwise they start at the first jobs
    and `close` ends them. Any number of threads and event loops may use one pool.
    """

    def __init__(self, limits: Limits, *, workers: int = 2) -> None:
        self.limits = limits
        self._workers = [WorkerProcess(limits) for _ in range(workers)]
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        # A thread waits for each worker, so that one queue and one way serve both kinds of caller.
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._closed = False

    async def decode(self, data: bytes, limits: Limits | None = None) -> Picture:
        """The picture in a file, within the pool's limits or the given ones.

        Raises:
            ImageryError: as `imagery.decode.decode`; also ImageTooLarge for what takes too much
                time or memory, and CorruptImage for what makes its decoder crash.
        """
        from imagery.decode import decode  # noqa: PLC0415 - Pillow only when needed

        with _as_corrupt():
            return await self.run(decode, data, limits or self.limits)

    def prepared(self, data: bytes | Path, limits: Limits, reading: Reading = PLAIN) -> Prepared:
        """`imagery.prepare.prepared` in a worker: for an ImageStore."""
        from imagery.prepare import prepared  # noqa: PLC0415 - Pillow only when needed

        with _as_corrupt():
            return self.call(prepared, data, limits, reading)

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Call a function of a module in a worker.

        Cancelling the caller ends the call in the worker too.

        Raises:
            ImageTooLarge: it takes too much time or memory.
            CorruptImage: it makes the worker crash.
            Exception: what the function itself raises.
        """
        call = _Call(Job(function, args))
        try:
            answer: T = await asyncio.wrap_future(self._submit(call))
            return answer
        finally:
            call.cancel()

    def call(self, function: Callable[..., T], *args: object) -> T:
        """`run` for a caller that is no coroutine."""
        call = _Call(Job(function, args))
        try:
            answer: T = self._submit(call).result()
            return answer
        finally:
            call.cancel()

    def start(self) -> None:
        """Let the workers load their libraries; returns at once."""
        for worker in self._workers:
            worker.start()

    def close(self) -> None:
        """End the workers. Jobs that are waiting or running raise PoolClosed."""
        self._closed = True
        for worker in self._workers:
            worker.close()
        self._threads.shutdown()
        for worker in self._workers:
            worker.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.close)

    def _submit(self, call: _Call) -> Future[Any]:
        if self._closed:
            raise PoolClosed
        return self._threads.submit(self._work, call)

    def _work(self, call: _Call) -> Any:
        worker = self._idle.get()
        try:
            if self._closed:
                raise PoolClosed
            return call.run(worker)
        except ImageryError as error:
            if self._closed:  # what ended the worker was not the picture
                raise PoolClosed from error
            raise
        finally:
            self._idle.put(worker)


class _Call:
    """A job on its way, which may be cancelled at any time from another thread."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._cancelled = False

    def run(self, worker: WorkerProcess) -> Any:
        with self._lock:
            if self._cancelled:
                return None
            self._worker = worker
        try:
            return worker.call(self._job)
        finally:
            with self._lock:
                self._worker = None

    def cancel(self) -> None:
        """End it, if it is not over."""
        with self._lock:
            self._cancelled = True
            if self._worker is not None:
                self._worker.kill()


@contextmanager
def _as_corrupt() -> Iterator[None]:
    try:
        yield
    except (ImageryError, PoolClosed, PoolBroken):
        raise
    except Exception as error:  # a job's boundary: no decoder's error leaves as itself
        # Not the error's own words, which may quote the picture.
        where = "".join(getattr(error, "__notes__", []))
        _LOG.error("a picture made its decoder raise %s\n%s", type(error).__name__, where)
        raise CorruptImage(
            f"the picture cannot be decoded ({type(error).__name__})",
            hint="export it again as PNG or JPEG",
        ) from error
