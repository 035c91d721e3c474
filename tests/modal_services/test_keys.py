from __future__ import annotations

from hashlib import sha256

import httpx
import pytest

from modal_services.api import create_service
from modal_services.stores.memory import MemoryJobs
from tests.fakes import ScriptedEngine

pytestmark = pytest.mark.anyio

DIGEST = sha256(b"sk-second").hexdigest()


async def status(authorization: bytes | None, path: str = "/v1/models") -> int:
    keys = ["sk-first", DIGEST, "sk-schlüssel"]
    app = create_service("m", ScriptedEngine(), MemoryJobs(), api_keys=keys)
    headers = {} if authorization is None else {b"Authorization": authorization}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return (await client.get(path, headers=headers)).status_code


@pytest.mark.parametrize(
    "authorization",
    [
        b"Bearer sk-first",
        b"bearer sk-first",
        b"Bearer   sk-first ",
        b"Bearer sk-second",
        "Bearer sk-schlüssel".encode(),
    ],
)
async def test_a_good_key_opens(authorization: bytes) -> None:
    assert await status(authorization) == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer ",
        b"sk-first",
        b"Basic sk-first",
        b"Bearer sk-firs",
        b"Bearer sk-first2",
        f"Bearer {DIGEST}".encode(),
        b"Bearer \xff\xfe",
    ],
)
async def test_anything_else_does_not(authorization: bytes | None) -> None:
    assert await status(authorization) == 401


async def test_health_is_open_and_no_other_path() -> None:
    assert await status(None, "/health") == 200
    assert await status(None, "/healthz") == 401
    assert await status(None, "/v1/chat/completions/status/fc-1") == 401
