"""Modal's own part, played: calls that are spawned, waited for and cancelled.

Only JSON crosses, and Modal's real exceptions say what it has no output for.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from types import SimpleNamespace
from typing import Any

from modal.exception import OutputExpiredError, RemoteError

from modal_services.answering import Answerer
from modal_services.stores.modal import packed


class FakeModal:
    """A worker's method whose calls run in this process."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._calls: dict[str, asyncio.Task[Any]] = {}
        self.spawn = SimpleNamespace(aio=self._spawn)
        self.remote = SimpleNamespace(aio=self._remote)
        self.get_current_stats = SimpleNamespace(aio=self._stats)

    def call_of(self, call_id: str) -> Any:
        async def get(timeout: float) -> Any:  # noqa: ASYNC109 - Modal's own name
            if call_id not in self._calls:
                raise OutputExpiredError
            task = self._calls[call_id]
            if not task.done():
                raise TimeoutError
            if task.cancelled():
                raise RemoteError("terminated")
            return json.loads(task.result())

        async def cancel() -> None:
            self._calls[call_id].cancel()
            await asyncio.sleep(0)

        return SimpleNamespace(get=SimpleNamespace(aio=get), cancel=SimpleNamespace(aio=cancel))

    async def _spawn(self, request: dict[str, Any]) -> Any:
        call_id = f"fc-{secrets.token_hex(8)}"
        self._calls[call_id] = asyncio.create_task(self._run(json.dumps(request)))
        return SimpleNamespace(object_id=call_id)

    async def _remote(self, request: dict[str, Any]) -> Any:
        return json.loads(await self._run(json.dumps(request)))

    async def _run(self, request: str) -> str:
        return json.dumps(packed(await self._answerer.run(json.loads(request))))

    async def _stats(self) -> Any:
        return SimpleNamespace(num_total_runners=1)
