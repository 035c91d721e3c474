from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.exported import as_markdown
from app.services.threads.catalogue import ThreadSummary
from app.services.threads.transcript import Message
from tests.app.api.test_chat_api import IMAGE, SIZE, api

pytestmark = pytest.mark.anyio


async def asked(client: httpx.AsyncClient, thread_id: str, message: str = SIZE) -> Any:
    body = {"message": message, "image": IMAGE, "thread_id": thread_id}
    return (await client.post("/api/chat", json=body)).json()


async def test_threads_are_listed_page_by_page_the_last_used_first(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        for name in ("a", "b", "c"):
            await asked(client, name)
        first = (await client.get("/api/threads", params={"limit": 2})).json()
        rest = (await client.get("/api/threads", params={"limit": 2, "offset": 2})).json()
    assert [one["thread_id"] for one in first["threads"]] == ["c", "b"]
    assert first["next_offset"] == 2
    assert [one["thread_id"] for one in rest["threads"]] == ["a"]
    assert rest["next_offset"] is None


async def test_a_thread_is_read_from_any_message_on(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        for _ in range(2):
            await asked(client, "t")
        page = (await client.get("/api/threads/t", params={"limit": 3})).json()
        rest = (await client.get("/api/threads/t", params={"after": page["next_after"]})).json()
    assert [one["sequence"] for one in page["messages"]] == [1, 2, 3]
    assert [one["sequence"] for one in rest["messages"]] == [4]
    assert (rest["next_after"], rest["thread"]["turns"]) == (None, 2)


async def test_threads_are_removed_one_by_one_and_by_age(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        for name in ("a", "b"):
            await asked(client, name)
        young = (await client.post("/api/threads/prune", json={"older_than": "1h"})).json()
        gone = await client.delete("/api/threads/a")
        again = await client.delete("/api/threads/a")
        old = (await client.post("/api/threads/prune", json={"older_than": "0s"})).json()
        left = (await client.get("/api/threads")).json()
    assert (young["threads"], old["threads"], left["threads"]) == ([], ["b"], [])
    assert (gone.status_code, again.status_code) == (204, 404)


@pytest.mark.parametrize("age", ["", "1", "-1d", "1y", "9999999d"])
async def test_an_age_that_is_none_is_refused(tmp_path: Path, age: str) -> None:
    async with api(tmp_path) as client:
        answer = await client.post("/api/threads/prune", json={"older_than": age})
    assert answer.status_code == 422


async def test_a_thread_is_exported_as_json_and_as_markdown(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        turn = await asked(client, "t")
        whole = await client.get("/api/threads/t/export")
        text = await client.get("/api/threads/t/export", params={"format": "markdown"})
    assert [one["role"] for one in whole.json()["messages"]] == ["user", "assistant"]
    assert whole.headers["content-disposition"] == 'attachment; filename="t.json"'
    assert text.headers["content-type"].startswith("text/markdown")
    assert f"Image `{turn['image']['sha256']}`" in text.text.replace("sha256:", "")
    assert "40 pixels wide" in text.text


def test_no_word_of_a_thread_is_markdown_in_its_export() -> None:
    said = "![x](https://evil.example/a.png)\n# Heading\n- item\n<img src=x> https://evil.example"
    message = Message(
        sequence=1, turn_id="x", role="assistant", content=said, metadata={}, created=0
    )
    thread = ThreadSummary(thread_id="t", turns=1, open_turns=0, created=0, updated=0)
    text = as_markdown(thread, [message])
    for harmful in ("![", "[x]", " <img", "\n<img", "\n# H", "\n- ", "https://"):
        assert harmful not in text


@pytest.mark.parametrize("path", ["", "/export", "/checkpoints", "/turns/1/trace"])
async def test_a_thread_that_is_not_there_is_a_404(tmp_path: Path, path: str) -> None:
    async with api(tmp_path) as client:
        await asked(client, "there")
        # The beginning of an id is not an id.
        for name in ("none", "ther"):
            answer = await client.get(f"/api/threads/{name}{path}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "thread_not_found")


async def test_the_past_is_read_with_its_state_and_forked(tmp_path: Path) -> None:
    async with api(tmp_path, durability="debug") as client:
        await asked(client, "t")
        page = (await client.get("/api/threads/t/checkpoints", params={"limit": 3})).json()
        before = {"before": page["next_before"]}
        rest = (await client.get("/api/threads/t/checkpoints", params=before)).json()
        body = {"checkpoint": "classify", "message": "Is there water?", "new_thread_id": "fork"}
        fork = await client.post("/api/threads/t/replay", json=body)
        same = await client.post("/api/threads/t/replay", json={"checkpoint": "classify"})
        taken = await client.post("/api/threads/t/replay", json=body)
        lost = await client.post("/api/threads/t/replay", json={"checkpoint": "none"})
    all_of_it = page["checkpoints"] + rest["checkpoints"]
    assert len({one["checkpoint_id"] for one in all_of_it}) == len(all_of_it) >= 5
    assert all_of_it[0]["next"] == []
    assert all_of_it[0]["state"]["messages"][0]["content"] == SIZE
    assert "base64" not in str(all_of_it)
    assert (fork.status_code, fork.json()["thread_id"]) == (200, "fork")
    assert same.json()["content"] == all_of_it[0]["state"]["answer"]["content"]
    assert (taken.status_code, lost.status_code) == (400, 404)


@pytest.mark.parametrize("turn", ["1", "id"])
async def test_a_turn_is_traced_as_json_and_as_a_drawing(tmp_path: Path, turn: str) -> None:
    async with api(tmp_path) as client:
        turn_id = (await asked(client, "t"))["turn_id"]
        path = f"/api/threads/t/turns/{turn_id if turn == 'id' else turn}/trace"
        told = (await client.get(path)).json()
        drawn = await client.get(path, params={"format": "svg"})
        lost = await client.get("/api/threads/t/turns/9/trace")
    assert [one["node"] for one in told["run"]["steps"]][:2] == ["ingest", "classify"]
    assert drawn.text.startswith("<svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert lost.status_code == 404


async def test_an_images_facts_and_a_small_picture_of_it(
    tmp_path: Path,
) -> None:
    raster = (Path(__file__).parents[3] / "examples" / "coast.tif").read_bytes()
    async with api(tmp_path) as client:
        stored = (await client.post("/api/images", content=raster)).json()
        facts = (await client.get(f"/api/images/{stored['id']}/facts")).json()
        path = f"/api/images/{stored['id']}/preview"
        small = await client.get(path, params={"max_side": 32})
        large = await client.get(path, params={"max_side": 5000})
    assert facts["image"] == stored["image"]
    assert facts["image"]["facts"]["crs"]
    assert small.content.startswith(b"\x89PNG")
    assert max(int.from_bytes(small.content[i : i + 4], "big") for i in (16, 20)) == 32
    assert large.status_code == 422


async def test_masks_of_answers_are_images_too(tmp_path: Path) -> None:
    raster = (Path(__file__).parents[3] / "examples" / "coast.tif").read_bytes()
    async with api(tmp_path) as client:
        stored = (await client.post("/api/images", content=raster)).json()
        body = {"message": "How much of the image is water?", "image": stored["id"]}
        turn = (await client.post("/api/chat", json=body)).json()
        mask = turn["answers"][0]["detail"]["measurements"][0]["mask"]
        small = await client.get(f"/api/images/{mask}/preview")
        facts = await client.get(f"/api/images/{mask}/facts")
    assert (small.status_code, facts.status_code) == (200, 200)


@pytest.mark.parametrize("path", ["facts", "preview"])
async def test_an_image_that_is_not_there_is_a_404(tmp_path: Path, path: str) -> None:
    async with api(tmp_path) as client:
        for name in ("0" * 64, "x", "..%2f.."):
            assert (await client.get(f"/api/images/{name}/{path}")).status_code == 404


async def test_the_graph_is_drawn_as_svg(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        drawing = await client.get("/api/graph", params={"format": "svg"})
    assert drawing.text.startswith("<svg")
    assert "default-src 'none'" in drawing.headers["content-security-policy"]
