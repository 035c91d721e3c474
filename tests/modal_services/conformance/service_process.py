"""A service in a process of its own, for tests that end it: python -m ... PORT FOLDER PAUSE_S.

Every answer takes PAUSE_S and is noted in FOLDER/answered, one line each.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn

from modal_services.api import create_service
from modal_services.engine import Prompt, Reply
from modal_services.stores.sqlite import SqliteJobs
from tests.modal_services.conformance.engines import MODEL, TalkingEngine
from tests.modal_services.conformance.talker import Talker


class SlowEngine(TalkingEngine):
    def __init__(self, folder: Path, pause_s: float) -> None:
        super().__init__(Talker())
        self._answered = folder / "answered"
        self._pause_s = pause_s

    async def chat(self, prompt: Prompt) -> Reply:
        await asyncio.sleep(self._pause_s)
        reply = await super().chat(prompt)
        with self._answered.open("a") as file:
            file.write(prompt.question + "\n")
        return reply


def main(port: int, folder: Path, pause_s: float) -> None:
    jobs = SqliteJobs(folder / "jobs.sqlite3", workers=4, lease_s=1, poll_s=0.1, drain_s=3)
    app = create_service(MODEL, SlowEngine(folder, pause_s), jobs)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
