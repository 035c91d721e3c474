from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import anyio.to_thread
import pytest

from app.agent import open_agent
from app.settings import Settings
from imagery.limits import Limits
from imagery.prepare import Prepared, prepared
from imagery.reading import PLAIN, Reading
from imagery.store import open_store
from tests.fakes import png

pytestmark = pytest.mark.anyio


async def test_pictures_that_wait_to_be_read_leave_threads_for_all_else(tmp_path: Path) -> None:
    may_read = threading.Event()

    def slowly(data: bytes | Path, limits: Limits, reading: Reading = PLAIN) -> Prepared:
        may_read.wait(60)
        return prepared(data, limits, reading)

    settings = Settings(data_dir=tmp_path, _env_file=None)
    threads = int(anyio.to_thread.current_default_thread_limiter().total_tokens)
    async with open_agent(settings, isolated=False) as agent, asyncio.TaskGroup() as group:
        agent.images = open_store(tmp_path / "images", settings.image_limits, slowly)
        sent = [
            group.create_task(agent.keep_bytes(png(40 + number, 30), "upload"))
            for number in range(threads + 5)
        ]
        await asyncio.sleep(0.1)
        try:
            async with asyncio.timeout(10):
                assert (await agent.health())["images"]["state"] == "ready"
        finally:
            may_read.set()
    assert len({task.result().sha256 for task in sent}) == threads + 5
