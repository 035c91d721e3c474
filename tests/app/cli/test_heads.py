"""What comes before a request is known: heads without an end, and connections that say nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from app.cli.heads import MOST_BYTES, Heads
from app.cli.serve import bound
from tests.modal_services.conformance.live import until

ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n"


async def app(scope: Any, _receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


class Brief(Heads):
    most_s = 0.3


@contextlib.contextmanager
def served(protocol: type[Heads]) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    with bound("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        until(lambda: server.started)
        yield listener.getsockname()
        server.should_exit = True
        thread.join(10)


@contextlib.contextmanager
def connected(protocol: type[Heads] = Heads) -> Iterator[socket.socket]:
    with served(protocol) as address, socket.create_connection(address, timeout=10) as connection:
        yield connection


def read(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            said += piece
    return said


@pytest.mark.parametrize("begin", [ASKED + b"X-A: ", b"GET /", b"\r\n" * 1000])
def test_a_head_that_does_not_end_is_cut_off(begin: bytes) -> None:
    more = b"\r\n" if begin.startswith(b"\r") else b"a"
    with connected() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(begin)
        for _ in range(100):
            connection.sendall(more * 10_000)
        assert read(connection).startswith(b"HTTP/1.1 431 ")
        return
    # The rest was sent to a connection that is closed: it was cut off too.


def test_as_much_as_a_head_may_have_is_read() -> None:
    with connected() as connection:
        connection.sendall(ASKED + b"X-A: " + b"a" * (MOST_BYTES - 2000) + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 204 ")


def test_requests_one_after_the_other_and_bodies_are_not_counted_as_one_head() -> None:
    body = b"b" * (2 * MOST_BYTES)
    posted = ASKED.replace(b"GET", b"POST") + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with connected() as connection:
        for _ in range(3):
            connection.sendall(posted)
            assert connection.recv(1000).startswith(b"HTTP/1.1 204 ")
        connection.sendall((ASKED + b"\r\n") * 200 + ASKED + b"Connection: close\r\n\r\n")
        assert read(connection).count(b"HTTP/1.1 204 ") == 201


@pytest.mark.parametrize("said", [b"", ASKED, b"\r\n", ASKED + b"\r\n" + ASKED])
def test_a_head_that_is_not_there_in_time_is_waited_for_no_longer(said: bytes) -> None:
    with connected(Brief) as connection:
        connection.sendall(said)
        answers = read(connection)
    assert answers.endswith(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
                            b"Connection: close\r\n\r\n")  # fmt: skip


def test_answers_are_sent_at_once() -> None:
    with bound("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's algorithm on
