"""The real transport against servers that misbehave on the wire, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from app.errors import VisionError, VisionUnavailable
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from tests.fakes import Clock, completion, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
BODY = json.dumps(completion()).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


@contextlib.asynccontextmanager
async def wire(*answers: bytes) -> AsyncIterator[tuple[ModalServiceClient, list[bytes]]]:
    """A client of a server that writes these bytes, one a connection, the last for ever."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        answer = answers[min(len(seen), len(answers) - 1)]
        seen.append(head)
        writer.write(answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}", "m", 10, headers={"Modal-Key": "wk"})
    policy = RetryPolicy(max_attempts=3, sleep=Clock().sleep)
    try:
        async with ModalServiceClient(endpoint, endpoint, policy) as client:
            yield client, seen
    finally:
        server.close()
        await server.wait_closed()


PASSING = {
    "a body shorter than it said": GOOD[:-20],
    "a body cut where its length is not said": HEAD + b"Connection: close\r\n\r\n" + BODY[:-20],
    "a chunked body without its end": HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"mod',
    "a connection closed without an answer": b"",
    "a head without its end": HEAD,
    "something that is no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "a body that is not the gzip it says": HEAD
    + b"Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
async def test_trouble_on_the_wire_is_passing_trouble(answer: bytes) -> None:
    async with wire(answer, GOOD) as (client, seen):
        reply = await client.call_vqa(IMAGE, "?")
    assert (reply["answer"], reply["attempts"]) == ("Three ships.", 2)
    assert len(seen) == 2


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
async def test_trouble_that_stays_is_one_of_our_errors(answer: bytes) -> None:
    async with wire(answer) as (client, seen):
        with pytest.raises(VisionUnavailable):
            await client.call_vqa(IMAGE, "?")
    assert len(seen) == 3


async def test_a_stream_cut_on_the_wire_is_an_error_after_its_pieces() -> None:
    event = b'data: {"choices": [{"delta": {"content": "One"}}]}\n\n'
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    async with wire(head + b"%x\r\n%s\r\n" % (len(event), event)) as (client, _):
        pieces = client.stream_vqa(IMAGE, "?")
        assert await anext(pieces) == "One"
        with pytest.raises(VisionError):
            await anext(pieces)


async def test_a_redirect_to_another_port_is_not_followed_with_our_keys() -> None:
    async with wire(GOOD) as (other, reached):
        port = other._callers["vqa"].endpoint.base_url.rsplit(":", 1)[1]
        away = (
            f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n"
        )
        async with wire(away.encode()) as (client, _):
            with pytest.raises(VisionError, match="not followed"):
                await client.call_vqa(IMAGE, "?")
    assert reached == []
