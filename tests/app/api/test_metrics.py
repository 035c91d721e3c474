from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.app.api.clients import keyed
from tests.fakes import FakeService, completion, data_uri, png

pytestmark = pytest.mark.anyio


async def numbers(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, which come in alphabetical order."""
    text = (await client.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_turns_calls_tokens_pictures_and_requests_are_counted(tmp_path: Path) -> None:
    kind = httpx.Response(200, json={"engine": "upstream"})  # asked once, on /health
    service = FakeService([kind, httpx.Response(503), httpx.Response(200, json=completion())])
    async with keyed(tmp_path, service=service) as clients:
        client = clients["acme"]
        answer = await client.post(
            "/api/chat", json={"message": "How many ships are there?", "image": data_uri()}
        )
        await client.post("/api/images", files={"file": ("a.png", png())})
        await client.get("/api/images/x")
        await client.get("/api/images/y")
        found = await numbers(client)
    assert answer.json()["content"] == "Three ships."
    assert found["swath_http_requests_total", "POST", "/api/chat", "200"] == 1
    assert found["swath_http_requests_total", "GET", "/api/images/{image_id}", "404"] == 2
    assert found["swath_turns_total", answer.json()["engine"], "answered", "vqa"] == 1
    assert found["swath_calls_total", "answered", "vqa"] == 1
    assert found["swath_call_retries_total", "vqa"] == 1
    assert found["swath_tokens_total", "input", "vqa"] == 7
    assert found["swath_tokens_total", "output", "vqa"] == 3
    assert found["swath_images_total", "image/png"] == 2
    assert found["swath_breaker_state", "vqa", "closed"] == 1
    assert found["swath_breaker_state", "vqa", "open"] == 0
    assert found["swath_calls_waiting", "captioning"] == 0
    assert found["swath_http_requests_in_flight",] == 1


async def test_a_call_without_an_answer_is_counted_by_its_error(tmp_path: Path) -> None:
    service = FakeService([httpx.Response(400, json={"error": {"message": "no"}})])
    async with keyed(tmp_path, service=service) as clients:
        await clients["acme"].post(
            "/api/chat", json={"message": "How many ships are there?", "image": data_uri()}
        )
        found = await numbers(clients["acme"])
    assert found["swath_calls_total", "vision_refused", "vqa"] == 1
    assert found["swath_turns_total", "none", "failed", "vqa"] == 1


async def test_each_task_of_a_turn_is_counted(tmp_path: Path) -> None:
    async with keyed(tmp_path) as clients:
        asked = {"message": "Describe it. What is the size of the image?", "image": data_uri()}
        assert (await clients["acme"].post("/api/chat", json=asked)).status_code == 200
        found = await numbers(clients["acme"])
    tasks = {
        labels[2]: count for labels, count in found.items() if labels[0] == "swath_tasks_total"
    }
    assert tasks == {"captioning": 1, "vqa": 1}


async def test_no_word_of_a_caller_becomes_a_label(tmp_path: Path) -> None:
    async with keyed(tmp_path) as clients:
        for path in ("/secret-a", "/api/images/secret-b", "/api/chat/secret-c"):
            await clients["acme"].request("SECRET", path)
            await clients["acme"].get(path)
        text = (await clients["acme"].get("/metrics")).text
    assert "secret" not in text.lower()
    assert "acme" not in text
