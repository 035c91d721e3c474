"""What only a real model server can show: caches, aborts and counts through our own processes."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.servers import swath
from tests.fakes import data_uri, noise_png, png
from tests.modal_services.conformance.live import until
from tests.vllm.counters import cache_counts, difference, metric, note, vllm

CHAT = "/v1/chat/completions"
MODEL = "qwen-vqa-special"


def body(words: str, picture: str | None = None, **extra: Any) -> dict[str, Any]:
    """As a caller may order it: the words before the picture."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": words}]
    if picture:
        parts.append({"type": "image_url", "image_url": {"url": picture}})
    messages = [{"role": "user", "content": parts}]
    return {"model": MODEL, "messages": messages, "max_tokens": 16, "temperature": 0, **extra}


def answered(http: httpx.Client, sent: dict[str, Any]) -> dict[str, Any]:
    answer = http.post(CHAT, json=sent)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_second_question_on_a_picture_is_served_from_the_caches(vqa: httpx.Client) -> None:
    picture = data_uri(noise_png(1_000_000))
    counts = [cache_counts()]
    for words in ("How many ships are there?", "Is there water beside the road?"):
        answered(vqa, body(words, picture))
        counts.append(cache_counts())
    first, second = difference(counts[0], counts[1]), difference(counts[1], counts[2])
    note("first question", first)
    note("second question", second)
    assert first["prefix_cache_hits"] == 0
    assert second["prefix_cache_hits"] / second["prefix_cache_queries"] > 0.5
    assert second["mm_cache_hits"] > 0


def test_another_picture_is_not_served_from_the_caches(vqa: httpx.Client) -> None:
    words = "How many ships are there?"
    answered(vqa, body(words, data_uri(png(640, 480))))
    before = cache_counts()
    answered(vqa, body(words, data_uri(png(600, 480))))
    assert difference(before, cache_counts())["mm_cache_hits"] == 0


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_caller_who_leaves_frees_the_model(vqa_url: str, vqa: httpx.Client, stream: bool) -> None:
    sent = body("Tell me everything.", max_tokens=1900, stream=stream)
    generated = metric("generation_tokens_total")
    with httpx.Client(base_url=vqa_url, trust_env=False) as caller:
        left_after(caller, sent, running=lambda: metric("num_requests_running") == 1)
    left = time.monotonic()
    until(lambda: metric("num_requests_running") == 0, timeout_s=3)
    note("seconds until free", round(time.monotonic() - left, 3))
    written = metric("generation_tokens_total") - generated
    note("tokens of 1900 written", written)
    assert written < 1900
    assert answered(vqa, body("And now?"))["choices"]


def left_after(caller: httpx.Client, sent: dict[str, Any], running: Any) -> None:
    """Sends a request and leaves when the model is at it."""
    with contextlib.suppress(httpx.ReadTimeout):
        if sent["stream"]:
            with caller.stream("POST", CHAT, json=sent) as answer:
                lines = answer.iter_lines()  # held: when it is collected, the connection closes
                next(lines)
                until(running)
        else:
            caller.post(CHAT, json=sent, timeout=0.5)


def test_a_yes_or_no_is_one(vqa: httpx.Client) -> None:
    choice = {"structured_outputs": {"choice": ["yes", "no"]}}
    said = answered(vqa, body("Is there water?", data_uri(png()), **choice))
    assert said["choices"][0]["message"]["content"] in ("yes", "no")
    assert said["choices"][0]["finish_reason"] == "stop"


def test_usage_is_what_vllm_counted(vqa: httpx.Client) -> None:
    picture = data_uri(png(320, 256))
    before = metric("prompt_tokens_total"), metric("generation_tokens_total")
    usage = answered(vqa, body("How many ships are there?", picture))["usage"]
    after = metric("prompt_tokens_total"), metric("generation_tokens_total")
    note("usage", usage)
    assert usage["prompt_tokens"] == after[0] - before[0]
    assert usage["completion_tokens"] == after[1] - before[1]
    assert usage["prompt_tokens"] > 80  # a token for every 32 x 32 pixels: ten by eight


def test_the_answer_is_the_one_that_vllm_gives_itself(vqa: httpx.Client, model: str) -> None:
    sent = body("Where is the harbour?")
    ours = answered(vqa, sent)
    with vllm() as http:
        theirs = http.post("chat/completions", json={**sent, "model": model}).json()
    assert ours["choices"][0]["message"]["content"] == theirs["choices"][0]["message"]["content"]
    assert ours["usage"]["total_tokens"] == theirs["usage"]["total_tokens"]


def test_swath_ask_is_answered_by_vllm(vqa_url: str, tmp_path: Path) -> None:
    image = tmp_path / "harbour.png"
    image.write_bytes(png(320, 256))
    before = metric("request_success_total")
    done = swath("ask", str(image), "How many ships are there?", "--json",
                 data_dir=tmp_path / "data", VQA_BASE_URL=vqa_url)  # fmt: skip
    assert done.returncode == 0, done.stderr
    turn = json.loads(done.stdout)
    note("swath ask", {key: turn[key] for key in ("engine", "content")})
    assert turn["engine"] == "upstream"
    assert turn["content"]
    assert metric("request_success_total") > before
