from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api import create_app
from app.settings import Settings
from tests.fakes import data_uri, noise_png, png

pytestmark = pytest.mark.anyio

IMAGE = data_uri(png(40, 30))
SIZE = "What is the size of the image?"


@contextlib.asynccontextmanager
async def api(tmp_path: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(data_dir=tmp_path, _env_file=None, **settings), isolated=False)
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(with_state(app, state))
        async with httpx.AsyncClient(transport=transport, base_url="http://swath") as client:
            yield client


def with_state(app: Any, state: Any) -> Any:
    """A server hands a lifespan's state to every request; ASGITransport does not."""

    async def run(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = dict(state)
        await app(scope, receive, send)

    return run


async def test_a_message_with_an_image_starts_a_thread_that_remembers_it(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        first = await client.post("/api/chat", json={"message": SIZE, "image": IMAGE})
        thread_id = first.json()["thread_id"]
        second = await client.post(
            "/api/chat", json={"message": "Describe it", "thread_id": thread_id}
        )
    assert first.status_code == second.status_code == 200
    assert "40 pixels wide and 30 pixels high" in first.json()["content"]
    assert first.json()["engine"] == "measure"
    assert first.json()["model"] == "local-measurements"
    assert second.json()["image"] == first.json()["image"]
    assert second.json()["task"] == "captioning"


@pytest.mark.parametrize("multipart", [True, False])
async def test_an_uploaded_image_is_asked_about_by_its_id(tmp_path: Path, multipart: bool) -> None:
    picture = png(40, 30)
    body: dict[str, Any] = (
        {"files": {"file": ("../a harbor.png", picture)}} if multipart else {"content": picture}
    )
    async with api(tmp_path) as client:
        stored = await client.post("/api/images", **body)
        image_id = stored.json()["id"]
        answer = await client.post("/api/chat", json={"message": SIZE, "image": image_id})
        shown = await client.get(f"/api/images/{image_id}")
        again = await client.post("/api/images", **body)
    assert stored.status_code == 201
    assert stored.json()["image"]["source"] == ("upload:a harbor.png" if multipart else "upload")
    assert again.json() == stored.json()
    assert "40 pixels wide and 30 pixels high" in answer.json()["content"]
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing asked": ({}, 400, "bad_request"),
    "an empty question": ({"message": "   "}, 400, "bad_request"),
    "a made-up thread id": ({"message": "hi", "thread_id": "a/b"}, 400, "bad_request"),
    "an unknown image id": (
        {"message": "?", "image": "sha256:" + "0" * 64},
        404,
        "image_not_found",
    ),
    "not an image": ({"message": "?", "image": data_uri(b"<html>")}, 415, "not_an_image"),
    "a truncated image": (
        {"message": "?", "image": data_uri(noise_png(9000)[:5000])},
        422,
        "corrupt_image",
    ),
    "bad base64": (
        {"message": "?", "image": "data:image/png;base64,@@"},
        400,
        "bad_image_reference",
    ),
    "a path": ({"message": "?", "image": "/etc/passwd"}, 400, "bad_image_reference"),
    "a private address": ({"message": "?", "image": "https://10.0.0.1/a"}, 400, "address_refused"),
    "metadata": ({"message": "?", "image": "http://169.254.169.254/"}, 400, "bad_image_reference"),
    "an unknown field": ({"message": "?", "images": []}, 422, "bad_request"),
    "a number for a message": ({"message": 7}, 422, "bad_request"),
    "an unknown task": ({"message": "?", "task": "fly"}, 422, "bad_request"),
}


@pytest.mark.parametrize(("body", "status", "code"), BAD.values(), ids=BAD.keys())
async def test_bad_input_has_its_status_its_code_and_a_sentence(
    tmp_path: Path, body: dict[str, Any], status: int, code: str
) -> None:
    async with api(tmp_path) as client:
        answer = await client.post("/api/chat", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.json()["error"]["message"]
    assert "Traceback" not in answer.text


async def test_malformed_json_is_a_400(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        answer = await client.post(
            "/api/chat", content=b"{", headers={"Content-Type": "application/json"}
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "json_invalid")


async def test_an_error_never_repeats_what_was_sent(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        answer = await client.post("/api/chat", json={"message": ["secret words"], "image": IMAGE})
    assert "secret" not in answer.text


async def test_a_form_without_a_file_says_what_is_missing(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        answer = await client.post("/api/images", files={"picture": b"x"})
    assert answer.status_code == 400
    assert "file" in answer.json()["error"]["message"]


async def test_a_body_over_the_limit_is_a_413(tmp_path: Path) -> None:
    async with api(tmp_path, max_image_bytes=1000) as client:
        large = await client.post("/api/images", content=b"x" * 2_000_000)
        medium = await client.post("/api/images", content=noise_png(5000))
    assert (large.status_code, medium.status_code) == (413, 413)
    assert medium.json()["error"]["code"] == "image_too_large"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/chat", 405), ("GET", "/x", 404)]
)
async def test_wrong_paths_and_methods_have_the_same_shape(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    async with api(tmp_path) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_service_out_of_reach_is_a_503_with_the_turn_and_what_to_do(tmp_path: Path) -> None:
    async with api(tmp_path, vqa_base_url="http://127.0.0.1:1", max_attempts=1) as client:
        answer = await client.post("/api/chat", json={"message": "How many?", "image": IMAGE})
        ready = await client.get("/readyz")
        alive = await client.get("/livez")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "vision_unavailable"
    assert "VQA_BASE_URL" in answer.json()["error"]["hint"]
    assert answer.json()["thread_id"]
    assert (ready.status_code, ready.json()["vqa"]["state"]) == (503, "down")
    assert alive.status_code == 200


async def test_the_guides_vqa_endpoint_answers(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        answer = await client.post("/api/vqa", params={"image_url": IMAGE, "question": SIZE})
    assert answer.status_code == 200
    assert "40 pixels wide and 30 pixels high" in answer.json()["answer"]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"image_url": IMAGE}, 422),
        ({"image_url": IMAGE, "question": " "}, 400),
        ({"image_url": "/etc/passwd", "question": "?"}, 400),
        ({"image_url": data_uri(b"text"), "question": "?"}, 415),
    ],
)
async def test_the_guides_vqa_endpoint_refuses_bad_input(
    tmp_path: Path, params: dict[str, str], status: int
) -> None:
    async with api(tmp_path) as client:
        answer = await client.post("/api/vqa", params=params)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_the_guides_vqa_endpoint_passes_the_services_trouble_on(tmp_path: Path) -> None:
    async with api(tmp_path, vqa_base_url="http://127.0.0.1:1", max_attempts=1) as client:
        answer = await client.post("/api/vqa", params={"image_url": IMAGE, "question": "?"})
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("VQA service error: ")


async def test_of_messages_sent_at_once_with_one_key_one_is_asked(tmp_path: Path) -> None:
    body = {"message": SIZE, "image": IMAGE}
    async with api(tmp_path) as client:
        sent = (
            client.post("/api/chat", json=body, headers={"Idempotency-Key": "k"}) for _ in range(6)
        )
        answers = await asyncio.gather(*sent)
        threads = (await client.get("/api/threads")).json()["threads"]
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    assert [one["turns"] for one in threads] == [1]


async def test_ready_tells_each_part(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["vqa"]["model"] == "local-measurements"
    assert ready.json()["database"]["state"] == "ready"


@pytest.mark.parametrize("kind", ["mermaid", "ascii"])
async def test_the_graph_is_drawn_as_text(tmp_path: Path, kind: str) -> None:
    async with api(tmp_path) as client:
        drawing = await client.get("/api/graph", params={"format": kind})
    assert "call_captioning" in drawing.text
    assert drawing.headers["content-type"].startswith("text/plain")


async def test_docs_load_nothing_from_outside(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        docs = await client.get("/docs")
        script = await client.get("/static-offline-docs/swagger-ui-bundle.js")
        home = await client.get("/")
        schema = (await client.get("/openapi.json")).json()
    assert "https://" not in docs.text
    assert script.status_code == 200
    assert home.headers["location"] == "/docs"
    assert {"/api/chat", "/api/images", "/api/vqa", "/api/graph", "/livez", "/readyz"} <= set(
        schema["paths"]
    )


async def test_an_image_id_is_never_a_path(tmp_path: Path) -> None:
    async with api(tmp_path) as client:
        for image_id in ("..%2f..%2fthreads.sqlite3", "x", "sha256:..", "0" * 63):
            assert (await client.get(f"/api/images/{image_id}")).status_code == 404
