"""Functions that tests have worker processes call."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from imagery import ImageryError, Limits
from imagery.decode import decode

T = TypeVar("T")


def slow(seconds: float, started: Path) -> None:
    """Sleep, after leaving this process's id in a file."""
    part = started.with_suffix(".part")
    part.write_text(str(os.getpid()), "ascii")
    part.rename(started)
    time.sleep(seconds)


def crash() -> NoReturn:
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(60)
    raise AssertionError


def leave() -> NoReturn:
    os._exit(3)


def fill(size: int) -> int:
    return len(bytearray(size))


def doubled(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([values, values])


def fail(text: str) -> NoReturn:
    raise ValueError(text)


def out_of_memory() -> NoReturn:
    raise MemoryError


def unsendable() -> object:
    return lambda: None


def resident_bytes() -> int:
    return _status("VmRSS")


def outcome(data: bytes, limits: Limits) -> tuple[str, int]:
    """How decoding ends, and the memory it takes beyond what this process had."""

    def how() -> str:
        try:
            decode(data, limits)
        except ImageryError as error:
            return f"reject {error.code}"
        return "accept"

    return extra_bytes(how)


def extra_bytes(call: Callable[[], T]) -> tuple[T, int]:
    """What a call gives, and the memory it takes beyond what this process had."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak of earlier jobs
    before = _status("VmRSS")
    given = call()
    return given, _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024
