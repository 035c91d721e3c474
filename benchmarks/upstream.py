"""A model server that waits and answers, for benchmarks: raw ASGI, as little work as can be.

`python -m benchmarks.upstream PORT MILLISECONDS`
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import uvicorn

ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Three ships."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }
).encode()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


class Upstream:
    """Answers every request alike, after a while."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        """Reads the request to its end, waits, answers."""
        while (await receive()).get("more_body"):
            pass
        await asyncio.sleep(self._delay_s)
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": ANSWER})


if __name__ == "__main__":
    port, delay_ms = int(sys.argv[1]), float(sys.argv[2])
    uvicorn.run(Upstream(delay_ms / 1000), port=port, log_level="warning", lifespan="off")
