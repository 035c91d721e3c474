from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.api.admission import Admission, Allowance
from app.api.buckets import Bucket
from app.api.keys import Keys, new_key, setting_of
from app.settings import Settings
from tests.app.api.clients import api, keyed
from tests.fakes import Clock, data_uri

pytestmark = pytest.mark.anyio
IMAGE = data_uri()


async def test_everything_but_probes_and_docs_asks_for_a_key(tmp_path: Path) -> None:
    async with keyed(tmp_path) as clients:
        schema = (await clients[""].get("/openapi.json")).json()
        for path, methods in schema["paths"].items():
            for method in methods:
                url = path.replace("{image_id}", "0" * 64)
                answer = await clients[""].request(method, url)
                wanted = 200 if path in ("/livez", "/readyz") else 401
                assert answer.status_code == wanted, (method, path)
        missing = await clients[""].get("/metrics")
    assert missing.json()["error"]["code"] == "unauthorized"
    assert missing.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "sent",
    [
        b"Bearer wrong",
        b"Bearer \xc3\xa9\xff",
        b"Bearer",
        b"",
        b"Basic c2stc3dhdGgtb2YtYWNtZQ==",
        b"sk-swath-of-acme",
        b"Bearer " + b"x" * 60_000,
    ],
)
async def test_a_wrong_key_is_a_401(tmp_path: Path, sent: bytes) -> None:
    async with keyed(tmp_path) as clients:
        answer = await clients[""].get("/api/graph", headers={b"Authorization": sent})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


async def test_two_keys_at_once_are_none(tmp_path: Path) -> None:
    headers = [("Authorization", "Bearer sk-swath-of-acme"), ("Authorization", "Bearer x")]
    async with keyed(tmp_path) as clients:
        answer = await clients[""].get("/api/graph", headers=headers)
    assert answer.status_code == 401


async def test_a_stranger_sees_states_and_a_key_sees_more(tmp_path: Path) -> None:
    async with keyed(tmp_path) as clients:
        stranger = (await clients[""].get("/readyz")).json()
        known = (await clients["acme"].get("/readyz")).json()
    assert stranger["vqa"] == {"state": "ready"}
    assert known["vqa"]["model"] == "local-measurements"


def test_a_new_key_is_let_in_by_its_line_and_by_no_other() -> None:
    key, other = new_key(), new_key()
    keys = Keys([setting_of("acme", key), setting_of("acme", other)])
    assert len(key) > 50
    assert keys.owner([b"Bearer " + key.encode()]) == "acme"
    assert keys.owner([b"bearer " + other.encode()]) == "acme"
    assert keys.owner([b"Bearer " + new_key().encode()]) is None
    assert key not in setting_of("acme", key)


@pytest.mark.parametrize("line", ["acme", "acme=abc", "A=" + "0" * 64, "../x=" + "0" * 64])
def test_a_line_that_is_no_key_is_refused_without_being_shown(line: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(api_keys=line, _env_file=None)
    assert line not in raised.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("swath:8000", 200),
        ("evil.example.com", 421),
        ("evil.example.com:8000", 421),
        ("127.0.0.1.evil.example", 421),
    ],
)
async def test_without_keys_only_local_names_are_answered(
    tmp_path: Path, host: str, status: int
) -> None:
    async with api(tmp_path) as client:
        answer = await client.get("/api/graph", headers={"Host": host})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://swath", 200), ("https://evil.example", 403), ("null", 403)],
)
async def test_without_keys_no_page_of_another_origin_may_ask(
    tmp_path: Path, origin: str, status: int
) -> None:
    question = {"image_url": IMAGE, "question": "What is the size of the image?"}
    async with api(tmp_path) as client:
        answer = await client.post("/api/vqa", params=question, headers={"Origin": origin})
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


async def test_pages_are_let_in_where_the_setting_names_them(tmp_path: Path) -> None:
    asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    async with keyed(tmp_path, cors_origins="https://app.example.com") as clients:
        allowed = await clients[""].options("/api/chat", headers=asked)
        refused = await clients[""].options(
            "/api/chat", headers={**asked, "Origin": "https://evil.example"}
        )
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "access-control-allow-origin" not in refused.headers


async def test_a_key_above_its_rate_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with keyed(tmp_path, key_rate=60, key_burst=3) as clients:
        answers = [await clients["acme"].get("/api/graph") for _ in range(5)]
        other = await clients["zenith"].get("/api/graph")
        probe = await clients["acme"].get("/livez")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[3].json()["error"]["code"] == "rate_limited"
    assert int(answers[3].headers["retry-after"]) >= 1
    assert other.status_code == probe.status_code == 200


def test_a_bucket_fills_as_time_passes() -> None:
    clock = Clock()
    bucket = Bucket(2, 4, clock.now)
    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0, 0.5]
    clock.time_s += 0.5
    assert bucket.take() == 0
    assert bucket.take() > 0
    clock.time_s += 1000
    assert [bucket.take() for _ in range(5)][:4] == [0, 0, 0, 0]


class Slow:
    """An app whose requests end when they may."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.begun = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.begun += 1
        await self.may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def crowd(
    allowance: Allowance, owner: str, count: int, path: str = "/api/chat"
) -> list[httpx.Response]:
    slow = Slow()
    admission = Admission(slow, allowance=allowance)

    async def run(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"owner": owner}
        await admission(scope, receive, send)

    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(run), base_url="http://swath") as client,
        asyncio.TaskGroup() as group,
    ):
        tasks = [group.create_task(client.post(path)) for _ in range(count)]
        while sum(task.done() for task in tasks) + slow.begun < count:  # noqa: ASYNC110
            await asyncio.sleep(0)
        slow.may_end.set()
    return [task.result() for task in tasks]


@pytest.mark.parametrize("path", ["/api/chat", "/api/threads/harbor/replay"])
async def test_questions_of_a_key_beyond_its_places_are_a_429(path: str) -> None:
    answers = await crowd(Allowance(per_minute=0, at_once=3), "acme", 5, path)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.json()["error"]["code"] for answer in refused} == {"too_many_at_once"}
    assert all(answer.headers["retry-after"] for answer in refused)


async def test_no_key_has_more_than_half_of_all_places() -> None:
    allowance = Allowance(per_minute=0, at_once=2, all_at_once=8)
    answers = await crowd(allowance, "acme", 6, "/api/turns/x/events")
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 429, 429]


async def test_requests_beyond_all_places_are_a_503_while_the_others_are_served() -> None:
    answers = await crowd(Allowance(all_at_once=4), "", 10)
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(503)) == (4, 6)
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json()["error"]["code"] == "overloaded"
    assert refused.headers["retry-after"]


async def test_places_are_given_back() -> None:
    allowance = Allowance(per_minute=0, at_once=1, all_at_once=1)
    for _ in range(2):
        assert [answer.status_code for answer in await crowd(allowance, "acme", 1)] == [200]
