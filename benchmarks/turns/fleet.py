"""Processes that are forked, killed and born again, and what they said."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Record:
    """What all lives of the clients came to.

    Attributes:
        sent: by thread, how many messages were sent.
        got: by thread, the answers by number, every one that was ever received.
    """

    sent: dict[str, int] = field(default_factory=dict)
    got: dict[str, dict[int, set[str]]] = field(default_factory=dict)

    def heard(self, line: bytes) -> None:
        """Takes one line of a process."""
        kind, thread, number, *rest = json.loads(line)
        if kind == "sent":
            self.sent[thread] = max(self.sent.get(thread, 0), number + 1)
        else:
            self.got.setdefault(thread, {}).setdefault(number, set()).add(rest[0])

    def sent_of(self, threads: list[str]) -> dict[str, int]:
        """How many messages were sent, of each thread."""
        return {thread: self.sent.get(thread, 0) for thread in threads}

    def first_unanswered(self, thread: str) -> int:
        """Where a client goes on."""
        answered, number = self.got.get(thread, {}), 0
        while number in answered:
            number += 1
        return number


class Process:
    """A forked child whose words are read as it goes; `fork` since an import takes a second.

    Args:
        work: what the child does; it is given the descriptor to say things on.
    """

    def __init__(self, work: Callable[[int], None]) -> None:
        self._end, pipe = os.pipe()
        self._left = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._end)
            _be(work, pipe)
        os.close(pipe)
        os.set_blocking(self._end, False)

    def read(self, record: Record) -> None:
        """Hears all that was said so far."""
        while chunk := self._chunk():
            *lines, self._left = (self._left + chunk).split(b"\n")
            for line in lines:
                record.heard(line)

    def _chunk(self) -> bytes:
        try:
            return os.read(self._end, 1 << 16)
        except BlockingIOError:
            return b""

    def kill(self, record: Record) -> None:
        """Ends it as a power cut would, and hears its last words."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._close(record)

    def wait(self, record: Record) -> int:
        """Waits for its own end; returns its exit code."""
        _, status = os.waitpid(self.pid, 0)
        self._close(record)
        return os.waitstatus_to_exitcode(status)

    def done(self) -> bool:
        """Whether it has ended by itself."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _close(self, record: Record) -> None:
        self.read(record)
        os.close(self._end)


def _be(work: Callable[[int], None], pipe: int) -> None:
    code = 1
    try:
        work(pipe)
        code = 0
    except BaseException:  # noqa: BLE001 - a child must not go on as its parent
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
