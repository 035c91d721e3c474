"""Python objects over a socket between two of our own processes.

Pickled with the buffers of arrays apart (PEP 574), so that a large array is received straight into
the memory where it stays.
"""

from __future__ import annotations

import pickle
import socket
import struct
import time
from typing import Any

_COUNT = struct.Struct("!I")
_SIZE = struct.Struct("!Q")


def send(channel: socket.socket, message: object, deadline: float | None = None) -> None:
    """Send one object.

    Args:
        channel: to a process that reads with `receive`.
        message: of classes that both sides import.
        deadline: on the clock of `time.monotonic`; None: none.

    Raises:
        TimeoutError: the deadline has passed.
        OSError: the other side is gone.
    """
    arrays: list[pickle.PickleBuffer] = []
    head = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
    parts = [memoryview(head), *(array.raw() for array in arrays)]
    _set_timeout(channel, deadline)
    sizes = b"".join(_SIZE.pack(part.nbytes) for part in parts)
    channel.sendall(_COUNT.pack(len(parts)) + sizes)
    for part in parts:
        _set_timeout(channel, deadline)
        channel.sendall(part)


def receive(channel: socket.socket, deadline: float | None = None) -> Any:
    """Receive one object.

    Raises:
        TimeoutError: the deadline has passed.
        EOFError: the other side is gone.
        OSError: the same.
    """
    (count,) = _COUNT.unpack(_exactly(channel, _COUNT.size, deadline))
    sizes = _SIZE.iter_unpack(_exactly(channel, count * _SIZE.size, deadline))
    head, *arrays = [_exactly(channel, size, deadline) for (size,) in sizes]
    return pickle.loads(head, buffers=arrays)  # noqa: S301 - from a process that we started


def _exactly(channel: socket.socket, size: int, deadline: float | None) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        _set_timeout(channel, deadline)
        got = channel.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return buffer


def _set_timeout(channel: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        channel.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)
