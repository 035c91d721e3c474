"""What is in memory after a question: its answer for those who come back, never its picture."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.clients import api
from tests.fakes import data_uri, noise_png

pytestmark = pytest.mark.anyio
DATA = noise_png(1_500_000)
PICTURE = data_uri(DATA)
ASKED = {"message": "What is the size of the image?", "image": PICTURE}


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def kept_bytes(client: httpx.AsyncClient, body: dict[str, str], status: int) -> int:
    """By how much memory grows with five questions, after a first one."""
    before = 0
    for number in range(6):
        headers = {"Accept": "text/event-stream"} if number % 2 else {}
        answer = await client.post("/api/chat", json=body, headers=headers)
        assert answer.status_code == status
        del answer
        if not number:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


@pytest.mark.usefixtures("traced")
async def test_a_turn_that_has_ended_keeps_no_picture(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        assert await kept_bytes(client, ASKED, 200) < len(PICTURE)


@pytest.mark.usefixtures("traced")
async def test_a_turn_whose_picture_is_damaged_keeps_none_of_it(tmp_path: Path) -> None:
    damaged = {**ASKED, "image": data_uri(DATA[: len(DATA) // 2])}
    async with api(tmp_path) as client:
        assert await kept_bytes(client, damaged, 422) < len(PICTURE)


async def test_a_deleted_threads_turns_are_gone_for_every_reader(tmp_path: Path) -> None:
    asked, key = {"message": "Hello!", "thread_id": "t"}, {"Idempotency-Key": "k"}
    async with api(tmp_path) as client:
        first = (await client.post("/api/chat", json=asked, headers=key)).json()
        path = f"/api/turns/{first['turn_id']}"
        assert (await client.get(f"{path}/events")).status_code == 200
        assert (await client.delete("/api/threads/t")).status_code == 204
        gone = [
            await client.get(path),
            await client.get(f"{path}/events"),
            await client.get(f"{path}/events", headers={"Last-Event-ID": "end"}),
            await client.post(f"{path}/cancel"),
        ]
        again = await client.post("/api/chat", json=asked, headers=key)
    assert [answer.status_code for answer in gone] == [404] * 4
    assert again.json()["turn_id"] != first["turn_id"]
    assert "idempotent-replayed" not in again.headers
