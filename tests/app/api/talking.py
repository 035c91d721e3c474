"""The chat API on a real socket over a service that streams, when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.api import create_app
from app.settings import Settings
from modal_services.api import create_service
from modal_services.engine import Delta, EngineHealth, Prompt, Reply, Usage
from modal_services.stores.memory import MemoryJobs
from tests.fakes import data_uri
from tests.modal_services.conformance.live import live

ASKED = {"message": "How many ships are there?", "image": data_uri()}
SSE = {"Accept": "text/event-stream"}


@dataclass
class Held:
    """An engine that says its words one by one, the last only when it may."""

    held: bool = False
    words: tuple[str, ...] = ("Three ", "ships", ".")
    may_end: threading.Event = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    prompts: list[Prompt] = field(default_factory=list)
    name: str = "held"
    model_id: str | None = None
    aliases: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    async def chat(self, prompt: Prompt) -> Reply:
        said = [delta.text async for delta in self.stream(prompt)]
        return Reply("".join(said), usage=Usage(7, 3))

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        self.prompts.append(prompt)
        try:
            for word in self.words[:-1]:
                yield Delta(word)
            self.began.set()
            while self.held and not self.may_end.is_set():  # noqa: ASYNC110 - another thread's
                await asyncio.sleep(0.01)
            yield Delta(self.words[-1], finish_reason="stop", usage=Usage(7, 3))
        except (asyncio.CancelledError, GeneratorExit):
            self.left.set()
            raise

    async def health(self) -> EngineHealth:
        return EngineHealth("ready")

    async def aclose(self) -> None:
        self.may_end.set()


@contextlib.contextmanager
def chatting(tmp_path: Path, engine: Held, **settings: Any) -> Iterator[str]:
    """The address of the API; both services are the engine's."""
    service = create_service("a-vlm", engine, MemoryJobs())
    with live(service) as upstream:
        made = Settings(
            data_dir=tmp_path,
            vqa_base_url=upstream,
            caption_base_url=upstream,
            vqa_model="a-vlm",
            caption_model="a-vlm",
            _env_file=None,
            **settings,
        )
        with live(create_app(made, isolated=False)) as url:
            try:
                yield url
            finally:
                engine.may_end.set()


@dataclass(frozen=True)
class Event:
    """A server-sent event; `name` is empty for a comment."""

    id: str
    name: str
    data: Any


def events_in(lines: Iterator[str]) -> Iterator[Event]:
    """The events of a stream."""
    found: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
            continue
        if found:
            yield Event(
                found.get("id", ""), found.get("event", ""), json.loads(found.get("data", "null"))
            )
        found = {}


def said(client: httpx.Client, asked: Any = ASKED, **headers: str) -> list[Event]:
    with client.stream("POST", "/api/chat", json=asked, headers={**SSE, **headers}) as answer:
        assert answer.status_code == 200, answer.read()
        return list(events_in(answer.iter_lines()))
