"""A real vLLM's own counters, and where it is: `make test-vllm` says so in the environment."""

from __future__ import annotations

import json
import os
import re
import sys

import httpx

URL = os.environ.get("SWATH_TEST_VLLM_URL", "")  # noqa: TID251 - a test's switch
KEY = os.environ.get("SWATH_TEST_VLLM_KEY", "sk-test")  # noqa: TID251 - and its key
CACHES = ("prefix_cache", "mm_cache")


def vllm() -> httpx.Client:
    """A client straight to vLLM, past our service."""
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.Client(base_url=URL, headers=headers, trust_env=False, timeout=60)


def metric(name: str) -> float:
    """The sum of a counter over its labels."""
    with vllm() as http:
        page = http.get(URL.removesuffix("/v1") + "/metrics").text
    found = re.findall(rf"^vllm:{name}(?:{{.*}})? (\S+)$", page, re.MULTILINE)
    assert found, f"vLLM tells no {name}"
    return sum(map(float, found))


def cache_counts() -> dict[str, float]:
    """Tokens (prefix) and pictures (mm) looked up and found so far."""
    names = [f"{cache}_{kind}" for cache in CACHES for kind in ("queries", "hits")]
    return {name: metric(name + "_total") for name in names}


def difference(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: after[name] - before[name] for name in before}


def note(what: str, measured: object) -> None:
    """Keeps a number for the reader of `make test-vllm`, which shows what tests print."""
    sys.stdout.write(f"  {what}: {json.dumps(measured)}\n")
