"""A process that decodes for another one, within limits that its kernel enforces.

It is started by `imagery.pool` with a socket as its only way to the outside. What a decoder does
there, running out of memory or crashing, ends this process and no other.
"""

from __future__ import annotations

import math
import os
import pickle
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagery.channel import receive, send
from imagery.errors import ImageryError, ImageTooLarge
from imagery.limits import Limits

TAKEN = None  # sent before a job runs: from here on, a crash is its own
_GRACE_S = 2  # the pool comes first; the alarm is for when the pool itself is gone
_MEGABYTE = 1024**2
_UNREADABLE = (AttributeError, ImportError, TypeError, pickle.PickleError)


@dataclass(frozen=True, slots=True)
class Job:
    """A call to be made in the other process."""

    function: Callable[..., Any]
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What a call gave."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """What a call raised.

    Attributes:
        worn: whether the process had better be replaced.
    """

    error: Exception
    worn: bool = False


def main(descriptor: int) -> None:
    """Serve jobs that come over a socket, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
    with socket.socket(fileno=descriptor) as channel:
        try:
            limits = receive(channel)
            _warm_up()
            _limit_memory(limits)
            _silence()
            send(channel, os.getpid())
            while True:
                _serve(channel, limits)
        except (EOFError, OSError):  # the other process is gone or has closed the pool
            return


def _serve(channel: socket.socket, limits: Limits) -> None:
    try:
        job = receive(channel)
    except _UNREADABLE as error:
        send(channel, TAKEN)
        return send(channel, Raised(TypeError(f"the function is in no module: {error}")))
    send(channel, TAKEN)
    # Its default action ends the process, also in the middle of a decoder's loop in C.
    signal.alarm(math.ceil(limits.decode_s) + _GRACE_S)
    given = answer(job, limits)
    signal.alarm(0)
    try:
        send(channel, given)  # pickles all before it sends
    except _UNREADABLE as error:
        send(channel, Raised(TypeError(f"the answer cannot be sent: {error}")))
    return None


def answer(job: Job, limits: Limits) -> Done | Raised:
    """Make the call; whatever it raises is an answer too."""
    try:
        return Done(job.function(*job.args))
    except MemoryError:
        megabytes = limits.decode_memory_bytes // _MEGABYTE
        return Raised(
            ImageTooLarge(f"the picture takes more than {megabytes:,} MB to decode"), True
        )
    except Exception as error:  # noqa: BLE001 - a job's boundary: raised again by the pool
        if not isinstance(error, ImageryError):
            error.add_note("".join(traceback.format_tb(error.__traceback__)))
        error.__traceback__ = error.__cause__ = error.__context__ = None
        return Raised(error)


def _warm_up() -> None:
    import cv2  # noqa: PLC0415 - in this process alone

    import imagery.prepare  # noqa: PLC0415 - numpy and Pillow
    import imagery.raster  # noqa: F401, PLC0415 - GDAL

    cv2.setNumThreads(1)  # as many processes work as there are workers


def _limit_memory(limits: Limits) -> None:
    if sys.platform != "linux":  # macOS takes the call and does not hold to it
        return
    import resource  # noqa: PLC0415 - not on every system

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    size = pages * resource.getpagesize() + limits.decode_memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _silence() -> None:
    """Keep what decoders print about strangers' files out of the service's log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
