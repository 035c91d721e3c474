"""One worker process, seen from the process that gives it jobs."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress
from typing import Any

from imagery.channel import receive, send
from imagery.errors import CorruptImage, ImageTooLarge
from imagery.limits import Limits
from imagery.worker import Done, Job, Raised

START_S = 60.0  # to import GDAL from a cold disk; usually it takes half a second
_DYING_S = 1.0  # a large process takes some time to be cleared away
# Not multiprocessing: a fork would inherit locks that other threads hold, and a spawned process
# would import the program that was started, which may be a whole server.
# As many processes work as there are workers: threads of OpenBLAS would spin in each other's way.
_PROGRAM = (
    "import os; os.environ['OPENBLAS_NUM_THREADS'] = '1'; "
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from imagery.worker import main; main(int(sys.argv[1]))"
)


class PoolClosed(RuntimeError):
    """The pool of decoding processes was closed before the job was done."""

    def __init__(self) -> None:
        super().__init__("the pool of decoding processes is closed")


class PoolBroken(RuntimeError):
    """A decoding process does not start: its own output says why."""


class WorkerProcess:
    """A process that runs jobs one at a time and is started again when it has ended.

    One thread at a time uses it; `kill` and `close` may come from any.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()  # over starting, against closing at the same time
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._end: weakref.finalize[..., Any] | None = None
        self._is_ready = False
        self._was_killed = False
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The id of the process, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, where it is not running; it loads its libraries while others go on."""
        with self._lock:
            if self._process is not None or self._closed:
                return
            ours, theirs = socket.socketpair()
            with theirs:
                descriptor = theirs.fileno()
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    [sys.executable, "-c", _PROGRAM, str(descriptor), json.dumps(sys.path)],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[descriptor],
                    process_group=0,  # Ctrl-C is for us, also while it starts
                )
            self._channel = ours
            # Also when the program ends, or this object does, without a word.
            self._end = weakref.finalize(self, _end, self._process, ours)
            self._is_ready = self._was_killed = False
            send(ours, self._limits)

    def call(self, job: Job) -> Any:
        """Run a job and give what it gives.

        Raises:
            ImageTooLarge: it takes too much time or memory.
            CorruptImage: it ends the process.
            Exception: what the function itself raises.
        """
        try:
            channel, deadline = self._hand_over(job)
            answer = receive(channel, deadline)
        except TimeoutError as error:
            self._replace()
            raise ImageTooLarge(
                f"the picture takes more than {self._limits.decode_s:g} s to decode",
                hint="make it smaller or export it again as PNG or JPEG",
            ) from error
        except (EOFError, OSError) as error:
            raise self._crash() from error
        match answer:
            case Done(value):
                return value
            case Raised(raised, worn):
                if worn:
                    self._replace()
                raise raised
        raise TypeError(f"a worker answered {type(answer)}")

    def kill(self) -> None:
        """End the process, whatever it is doing; the thread that waits for it takes notice."""
        self._was_killed = True
        process = self._process  # another thread may be clearing up
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process and start no other."""
        with self._lock:
            self._closed = True
            self.kill()

    def stop(self) -> int | None:
        """End the process and clear up after it; its exit status."""
        end, self._end = self._end, None
        self._process = self._channel = None
        return end() if end is not None else None

    def _hand_over(self, job: Job) -> tuple[socket.socket, float]:
        """Give the job to a process that says it has it; and the time by which it must be done.

        One that has ended since its last job is no fault of this job, which goes to another then.
        """
        for is_last in (False, True):
            channel = self._ready_channel()
            deadline = time.monotonic() + self._limits.decode_s
            try:
                send(channel, job, deadline)
                receive(channel, deadline)
            except TimeoutError:
                raise
            except (EOFError, OSError):
                if is_last or self._was_killed:
                    raise
                self.stop()
            else:
                break
        return channel, deadline

    def _ready_channel(self) -> socket.socket:
        self.start()
        if self._channel is None:
            raise PoolClosed
        if not self._is_ready:
            try:
                receive(self._channel, time.monotonic() + START_S)
            except (EOFError, OSError) as error:
                self.stop()
                raise PoolBroken("the decoding process does not start") from error
            self._is_ready = True
        return self._channel

    def _replace(self) -> int | None:
        status = self.stop()
        self.start()
        return status

    def _crash(self) -> CorruptImage:
        with suppress(subprocess.TimeoutExpired):  # so that it ends by its own signal, not ours
            if self._process is not None:
                self._process.wait(_DYING_S)
        status = self._replace() or 0
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return CorruptImage(
            f"the picture makes its decoder crash ({how})",
            hint="export it again as PNG or JPEG",
        )


def _end(process: subprocess.Popen[bytes], channel: socket.socket) -> int:
    channel.close()
    process.kill()
    return process.wait()
