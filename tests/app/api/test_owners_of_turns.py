"""What the routes of turns, threads and history show of another owner's: nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import create_app
from app.settings import Settings
from tests.app.api.clients import keyed
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio
SIZE = "What is the size of the image?"


async def test_threads_turns_forks_and_exports_are_their_owners(tmp_path: Path) -> None:
    async with keyed(tmp_path, durability="debug") as clients:
        acme, other = clients["acme"], clients["zenith"]
        body = {"message": SIZE, "image": data_uri(), "thread_id": "harbor"}
        asked = await acme.post("/api/chat", json=body, headers={"Idempotency-Key": "k1"})
        assert asked.status_code == 200
        turn_id = asked.json()["turn_id"]
        theirs = [
            f"/api/turns/{turn_id}", f"/api/turns/{turn_id}/events", "/api/threads/harbor",
            "/api/threads/harbor/export", "/api/threads/harbor/checkpoints",
            "/api/threads/harbor/turns/1/trace",
        ]  # fmt: skip
        for path in theirs:
            assert (await acme.get(path)).status_code == 200, path
            assert (await other.get(path)).status_code == 404, path
            assert (await other.get(path.replace("harbor", "acme:harbor"))).status_code == 404
        for last in ("end", "deadbeef-1"):
            answer = await other.get(theirs[1], headers={"Last-Event-ID": last})
            assert answer.status_code == 404
        assert (await other.delete("/api/threads/harbor")).status_code == 404
        assert (await other.post(f"/api/turns/{turn_id}/cancel")).status_code == 404
        replay = {"checkpoint": "classify", "new_thread_id": "fork"}
        assert (await other.post("/api/threads/harbor/replay", json=replay)).status_code == 404
        assert (await acme.post("/api/threads/harbor/replay", json=replay)).status_code == 200
        assert (await acme.get("/api/threads/fork")).status_code == 200
        assert (await other.get("/api/threads/fork")).status_code == 404
        listed = [one["thread_id"] for one in (await acme.get("/api/threads")).json()["threads"]]
        assert sorted(listed) == ["fork", "harbor"]
        assert (await other.get("/api/threads")).json()["threads"] == []
        assert (await other.post("/api/threads/prune", json={"older_than": "0s"})).json() == {
            "threads": []
        }
        again = await other.post("/api/chat", json=body, headers={"Idempotency-Key": "k1"})
        assert again.json()["turn_id"] != turn_id
        assert (await other.get("/api/threads/harbor")).status_code == 200


async def test_the_openai_front_keeps_threads_by_owner(tmp_path: Path) -> None:
    content = [
        {"type": "image_url", "image_url": {"url": data_uri()}},
        {"type": "text", "text": SIZE},
    ]
    asked = {"model": "swath-agent", "messages": [{"role": "user", "content": content}]}
    async with keyed(tmp_path) as clients:
        headers = {"X-Thread-Id": "mine"}
        said = await clients["acme"].post("/v1/chat/completions", json=asked, headers=headers)
        assert said.status_code == 200, said.text
        assert (await clients["acme"].get("/api/threads/mine")).status_code == 200
        assert (await clients["zenith"].get("/api/threads/mine")).status_code == 404
        assert (await clients[""].post("/v1/chat/completions", json=asked)).status_code == 401


def test_every_route_that_takes_an_id_is_asked_for_anothers_here_or_beside(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, _env_file=None), isolated=False)
    taking = {path for path in app.openapi()["paths"] if "{" in path}
    assert taking == {
        "/api/images/{image_id}", "/api/images/{image_id}/facts",
        "/api/images/{image_id}/preview", "/api/threads/{thread_id}",
        "/api/threads/{thread_id}/checkpoints", "/api/threads/{thread_id}/export",
        "/api/threads/{thread_id}/replay", "/api/threads/{thread_id}/turns/{turn}/trace",
        "/api/turns/{turn_id}", "/api/turns/{turn_id}/cancel", "/api/turns/{turn_id}/events",
        "/v1/models/{model}",
    }  # fmt: skip
