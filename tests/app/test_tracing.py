from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.errors import VisionTimeout
from app.services.endpoint import Endpoint
from app.services.observed import CallSeen, ObservedClient
from app.services.retry import RetryPolicy
from app.telemetry import Spans, spans_to
from tests.fakes import FakeService, completion, data_uri, png
from tests.recording_server import recording

SWATH = [sys.executable, "-c", "from app.cli import main; main()"]
CANARY = "canary-question-4711"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    with recording() as found:
        yield found


def served_once(tmp_path: Path, endpoint: str, **variables: str) -> None:
    """Starts the app, asks one question, and ends, with all of LangSmith's switches inherited."""
    script = tmp_path / "ask.py"
    script.write_text(
        "import asyncio, sys\n"
        "from app.api import create_app\n"
        "from app.settings import Settings\n"
        "async def main():\n"
        "    app = create_app(Settings(_env_file=None), isolated=False)\n"
        "    async with app.router.lifespan_context(app) as state:\n"
        f"        await state['agent'].ask('How large is the {CANARY}?', image=sys.argv[1])\n"
        "        from langchain_core.tracers.langchain import wait_for_all_tracers\n"
        "        wait_for_all_tracers()\n"
        "asyncio.run(main())\n"
    )
    inherited = {
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": endpoint,
        "LANGCHAIN_ENDPOINT": endpoint,
        "LANGSMITH_API_KEY": "k",
        "LANGCHAIN_API_KEY": "k",
        "SWATH_DATA_DIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    kept = {"PATH": os.defpath, "HOME": str(tmp_path)}
    subprocess.run(
        [sys.executable, str(script), data_uri(png())],
        env={**kept, **inherited, **variables},
        check=True,
        timeout=60,
    )


def test_nothing_is_traced_whatever_is_inherited(
    tmp_path: Path, collector: tuple[str, list[bytes]]
) -> None:
    served_once(tmp_path, collector[0])
    assert collector[1] == []


def test_swaths_own_setting_traces_without_words(
    tmp_path: Path, collector: tuple[str, list[bytes]]
) -> None:
    served_once(tmp_path, collector[0], SWATH_LANGSMITH_TRACING="metadata")
    sent = b"".join(collector[1])
    assert b"/runs" in sent
    assert CANARY.encode() not in sent
    assert b";base64" not in sent


async def asked(service: FakeService, spans: Spans) -> None:
    endpoint = Endpoint("http://model:8000", "a-vlm", transport=service.transport)
    retry = RetryPolicy(base_s=0)
    async with ObservedClient(endpoint, endpoint, retry, observers=[spans]) as client:
        await client.call_vqa(data_uri(), CANARY)
        async for _ in client.stream_vqa(data_uri(), CANARY):
            pass


@pytest.mark.anyio
async def test_a_call_is_a_span_with_the_names_of_the_genai_conventions() -> None:
    chunk = 'data: {"model": "a-vlm", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\n'
    end = 'data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}\n\n'
    stream = httpx.Response(
        200,
        headers={"Content-Type": "text/event-stream"},
        content=(chunk + end + "data: [DONE]\n\n").encode(),
    )
    exporter = InMemorySpanExporter()
    spans = Spans(exporter)
    await asked(FakeService([httpx.Response(200, json=completion()), stream]), spans)
    spans.close()
    first, second = exporter.get_finished_spans()
    attributes = dict(first.attributes or {})
    assert first.name == "chat a-vlm"
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.request.model"] == "a-vlm"
    assert attributes["gen_ai.usage.input_tokens"] == 7
    assert attributes["gen_ai.usage.output_tokens"] == 3
    assert (attributes["server.address"], attributes["server.port"]) == ("model", 8000)
    assert CANARY not in first.to_json() + second.to_json()
    assert dict(second.attributes or {})["swath.service"] == "vqa"


@pytest.mark.anyio
async def test_a_call_that_failed_is_a_span_with_its_error() -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(exporter)
    endpoint = Endpoint(
        "http://model",
        "m",
        transport=FakeService([httpx.ReadTimeout("slow")]).transport,
    )
    async with ObservedClient(
        endpoint, endpoint, RetryPolicy(1, base_s=0), observers=[spans]
    ) as client:
        with pytest.raises(VisionTimeout):
            await client.call_captioning(data_uri())
    spans.close()
    [span] = exporter.get_finished_spans()
    assert dict(span.attributes or {})["error.type"] == "vision_timeout"
    assert span.status.description == "vision_timeout"


def test_spans_are_sent_to_the_address_that_is_set(collector: tuple[str, list[bytes]]) -> None:
    spans = spans_to(f"{collector[0]}/v1/traces")
    with spans.call(CallSeen("vqa", "m", "http://embedded")):
        pass
    spans.close()
    assert collector[1]
    assert collector[1][0].startswith(b"/v1/traces ")
