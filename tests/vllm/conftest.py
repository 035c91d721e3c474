"""Our service in a process of its own, in front of the real vLLM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.servers import served
from tests.vllm.counters import KEY, URL, vllm


@pytest.fixture(scope="session")
def model() -> str:
    """vLLM's name for its model."""
    if not URL:
        pytest.skip("SWATH_TEST_VLLM_URL names no vLLM server; `make test-vllm` starts one")
    with vllm() as http:
        return str(http.get("models").json()["data"][0]["id"])


@pytest.fixture(scope="session")
def vqa_url(model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("service")
    with served(
        "service", "vqa", "--upstream", URL, "--model", model,
        data_dir=folder, health="/health", SWATH_UPSTREAM_API_KEY=KEY,
    ) as (url, _):  # fmt: skip
        yield url


@pytest.fixture(scope="session")
def vqa(vqa_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=vqa_url, trust_env=False, timeout=60) as http:
        yield http
