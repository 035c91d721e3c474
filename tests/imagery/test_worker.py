from __future__ import annotations

import socket
import time

import numpy as np
import pytest

from imagery import ImageTooLarge, Limits
from imagery.channel import receive, send
from imagery.worker import Done, Job, Raised, answer
from tests.imagery import jobs

LIMITS = Limits(decode_memory_bytes=5 * 1024**2)


def test_what_a_job_gives_is_its_answer() -> None:
    assert answer(Job(jobs.fill, (3,)), LIMITS) == Done(3)


def test_an_error_is_an_answer_without_the_frames_it_came_through() -> None:
    given = answer(Job(jobs.fail, ("why",)), LIMITS)
    assert isinstance(given, Raised)
    assert not given.worn
    assert str(given.error) == "why"
    assert given.error.__traceback__ is None


def test_a_worker_out_of_memory_is_worn_and_says_what_the_limit_is() -> None:
    given = answer(Job(jobs.out_of_memory, ()), LIMITS)
    assert isinstance(given, Raised)
    assert given.worn
    assert isinstance(given.error, ImageTooLarge)
    assert str(given.error) == "the picture takes more than 5 MB to decode"


def test_a_channel_carries_arrays_of_any_layout() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        values = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
        for array in (values, values[:, ::-1], np.asfortranarray(values), values[:0]):
            send(ours, {"array": array})
            assert (receive(theirs)["array"] == array).all()


def test_a_channel_keeps_to_its_deadline_and_notices_the_end() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            for deadline in (time.monotonic() - 1, time.monotonic() + 0.05):
                with pytest.raises(TimeoutError):
                    receive(theirs, deadline)
            with pytest.raises(TimeoutError):
                send(ours, bytes(50_000_000), time.monotonic() + 0.05)
        theirs.settimeout(None)
        with pytest.raises((EOFError, OSError)):
            receive(theirs)
