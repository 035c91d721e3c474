"""How one file is read, in a worker: what a run looks at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from imagery import ImageryError, Limits
from imagery.decode import decode
from imagery.pool import DecodePool
from tests.imagery.jobs import extra_bytes

LIMITS = Limits(decode_s=20)  # of the pool; what takes longer than MAX_S is a finding
MAX_S, MAX_BYTES = 5.0, 600 * 1000**2


@dataclass(frozen=True)
class Read:
    """How a read ended: "picture", the code of one of our errors, or what should not be."""

    how: str
    seconds: float
    extra: int

    @property
    def is_finding(self) -> bool:
        return self.how.startswith("!") or self.seconds > MAX_S or self.extra > MAX_BYTES


def watched(data: bytes) -> Read:
    """Reads a file in a worker, and says how it went."""
    began = time.perf_counter()

    def read() -> str:
        try:
            decode(data, LIMITS)
        except ImageryError as error:
            return f"{error.code}: {_told(error.__cause__)}" if error.__cause__ else error.code
        except Exception as error:  # noqa: BLE001 - just what is looked for
            return f"! {_told(error)}"
        return "picture"

    how, extra = extra_bytes(read)
    return Read(how, time.perf_counter() - began, extra)


def read_in(pool: DecodePool, data: bytes) -> Read:
    """Reads a file in a pool; a worker that does not live to tell is a finding too."""
    began = time.perf_counter()
    try:
        return pool.call(watched, data)
    except ImageryError as error:
        return Read(f"! {error}", time.perf_counter() - began, 0)


def _told(error: BaseException) -> str:
    """The kind of error and the line that raised it, without words that may be the file's."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    where = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    return f"{type(error).__name__} at {where}"
