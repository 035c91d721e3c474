"""A lean load client: one keep-alive connection a client, HTTP/1.1 over asyncio's streams."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of load came to."""

    per_s: float
    failed: int
    p50_ms: float
    p95_ms: float


async def load(port: int, body: bytes, *, clients: int, each: int) -> Round:
    """So many clients at once, each asking again as soon as it is answered."""
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    ready = asyncio.Barrier(clients + 1)
    async with asyncio.TaskGroup() as group:  # one client that fails ends the round
        tasks = [group.create_task(_client(port, request, each, ready)) for _ in range(clients)]
        await ready.wait()
        began = time.perf_counter()
    took = time.perf_counter() - began
    answers = [answer for task in tasks for answer in task.result()]
    times = sorted(seconds for seconds, answered in answers if answered) or [0.0]
    return Round(len(times) / took, len(answers) - len(times), _at(times, 0.5), _at(times, 0.95))


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))] * 1000


async def _client(
    port: int, request: bytes, each: int, ready: asyncio.Barrier
) -> list[tuple[float, bool]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _ask(reader, writer, request)  # the connection behind the front is made now too
    await ready.wait()
    times = []
    for _ in range(each):
        began = time.perf_counter()
        answered = await _ask(reader, writer, request)
        times.append((time.perf_counter() - began, answered))
    writer.close()
    await writer.wait_closed()
    return times


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bool:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    await reader.readexactly(int(length[1]) if length else 0)
    return head.startswith(b"HTTP/1.1 200")
