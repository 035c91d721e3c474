from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.servers import SWATH, environment, free_port, swath
from tests.fakes import data_uri, noise_png

mcp = pytest.importorskip("mcp")

pytestmark = pytest.mark.anyio
COAST = Path(__file__).parents[3] / "examples" / "coast.tif"


@contextlib.asynccontextmanager
async def over_stdio(data_dir: Path) -> AsyncIterator[Any]:
    from mcp import ClientSession, StdioServerParameters, stdio_client  # noqa: PLC0415

    server = StdioServerParameters(
        command=sys.executable, args=[*SWATH[1:], "mcp"], env=environment(data_dir, {})
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield session


async def test_the_tools_tell_what_they_take(tmp_path: Path) -> None:
    async with over_stdio(tmp_path) as session:
        for tool in (await session.list_tools()).tools:
            assert tool.title
            assert tool.annotations.read_only_hint
            image = json.dumps(tool.input_schema["properties"]["image"])
            assert "A path, an https URL" in image


async def test_a_client_asks_about_a_local_image_over_stdio(tmp_path: Path) -> None:
    async with over_stdio(tmp_path) as session:
        tools = {tool.name for tool in (await session.list_tools()).tools}
        assert tools == {"ask", "caption", "inspect"}
        question = {"question": "How much of the image is water?", "image": str(COAST)}
        found = (await session.call_tool("ask", question)).structured_content
        assert "38 %" in found["answer"]
        assert (found["task"], found["engine"], found["status"]) == ("vqa", "measure", "answered")
        again = {"question": "What is its size?", "thread_id": found["thread_id"]}
        follow_up = (await session.call_tool("ask", again)).structured_content
        assert follow_up["image"] == found["image"]
        facts = (await session.call_tool("inspect", {"image": str(COAST)})).structured_content
        assert facts["crs"]
        assert facts["image"] == found["image"]
        described = (
            await session.call_tool("caption", {"image": found["image"]})
        ).structured_content
        assert described["task"] == "captioning"
        wrong = await session.call_tool("inspect", {"image": str(tmp_path / "none.tif")})
        assert wrong.is_error


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [*SWATH, "mcp", "--http", "--port", str(port)],
        env=environment(tmp_path, {}), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(15)


async def test_over_http_no_files_of_the_server_are_read(served: str) -> None:
    from mcp import Client  # noqa: PLC0415

    deadline = time.monotonic() + 30
    while True:
        try:
            async with Client(served) as client:
                found = await client.call_tool("inspect", {"image": str(COAST)})
                sent = await client.call_tool(
                    "caption", {"image": data_uri(noise_png(5_000_000)), "wishes": "in French"}
                )
            break
        except Exception:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
    assert found.is_error
    assert "not an image reference. Give an https URL" in str(found.content[0])
    assert sent.structured_content["status"] == "answered"
    assert "vision-language model" in sent.structured_content["caveats"][-1]  # for the wishes


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = swath("mcp", "--http", "--port", port, data_dir=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"swath: cannot listen on 127.0.0.1:{port}")


def test_the_tools_are_not_served_beyond_this_machine(tmp_path: Path) -> None:
    done = swath("mcp", "--http", "--host", "0.0.0.0", data_dir=tmp_path)
    assert done.returncode == 2
