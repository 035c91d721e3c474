"""What only a real model server can show, from its own counters."""

from __future__ import annotations

import re

import httpx

from tests.fakes import data_uri, png
from tests.modal_services.conformance.deployments import (
    CHAT,
    VLLM_KEY,
    VLLM_URL,
    Live,
    body,
    image,
    on,
    text,
)
from tests.modal_services.conformance.live import until


def metric(name: str) -> float:
    """The sum of a counter over its labels."""
    headers = {"Authorization": f"Bearer {VLLM_KEY}"}
    url = VLLM_URL.removesuffix("/v1") + "/metrics"
    page = httpx.get(url, headers=headers, trust_env=False).text
    found = re.findall(rf"^vllm:{name}(?:{{.*}})? (\S+)$", page, re.MULTILINE)
    assert found, f"vLLM tells no {name}"
    return sum(map(float, found))


@on("vllm")
def test_a_second_question_on_the_same_pictures_hits_the_prefix_cache(service: Live) -> None:
    # vLLM caches blocks of 128 tokens on a CPU, and the tiny model gives a picture 64 at most.
    pictures = [image(data_uri(png(256 + 32 * index, 256))) for index in range(4)]
    service.text(text("How many ships are there?"), *pictures, max_tokens=2)
    before = metric("prefix_cache_hits_total")
    service.text(text("What colour is the water, then?"), *pictures, max_tokens=2)
    assert metric("prefix_cache_hits_total") - before >= 128


# The tiny model's noise may end at any word; this keeps it talking.
LONG = {"name": "long", "schema": {"type": "string", "minLength": 3000}}


@on("vllm")
def test_a_caller_who_leaves_aborts_the_request(service: Live) -> None:
    shape = {"type": "json_schema", "json_schema": LONG}
    sent = body("Tell me all.", max_tokens=900, stream=True, response_format=shape)
    with service.http.stream("POST", CHAT, json=sent) as answer:
        lines = answer.iter_lines()  # held: when it is collected, the connection closes
        next(lines)
        until(lambda: metric("num_requests_running") == 1)  # told after a step or two
    until(lambda: metric("num_requests_running") == 0, timeout_s=1.5)
