"""Services on real sockets: every engine with every store, each started when first asked for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from imagery import FetchFailed, Limits
from imagery.reference import Loaded
from modal_services.answering import Answerer
from modal_services.api import create_service
from modal_services.engine import Engine
from modal_services.engines.measure import MeasureEngine
from modal_services.engines.remote import RemoteEngine
from modal_services.engines.upstream import UpstreamEngine
from modal_services.jobs import JobStore
from modal_services.prompting import load_public
from modal_services.stores.memory import MemoryJobs
from modal_services.stores.modal import ModalJobs, remote_call, warmth
from modal_services.stores.sqlite import SqliteJobs
from tests.fakes import data_uri, png
from tests.modal_services.conformance.engines import MODEL, TalkingEngine, talking_server
from tests.modal_services.conformance.live import live
from tests.modal_services.conformance.modal_fake import FakeModal
from tests.modal_services.conformance.talker import Talker

CHAT = "/v1/chat/completions"
VLLM_URL = os.environ.get("SWATH_TEST_VLLM_URL", "")  # noqa: TID251 - a test's switch
VLLM_KEY = os.environ.get("SWATH_TEST_VLLM_KEY", "sk-test")  # noqa: TID251 - and its key

# What an engine has; a check that needs more does not list it.
ALL = ("measure", "scripted", "upstream", "vllm")
MODELS = ("scripted", "upstream", "vllm")
TALKERS = ("scripted", "upstream")
STORES = ("memory", "sqlite", "modal")


def on(*engines: str, stores: tuple[str, ...] = ("memory",)) -> pytest.MarkDecorator:
    """The engines and stores that a check is made against."""
    return pytest.mark.parametrize(
        "service",
        [_param(engine, store) for engine in engines for store in stores],
        indirect=True,
    )


def _param(engine: str, store: str) -> Any:
    skip = pytest.mark.skipif(
        engine == "vllm" and not VLLM_URL, reason="SWATH_TEST_VLLM_URL names no vLLM server"
    )
    name = engine if store == "memory" else f"{engine}-{store}"
    return pytest.param((engine, store), id=name, marks=skip)


@dataclass
class Live:
    """A running service."""

    url: str
    talker: Talker
    http: httpx.Client

    def ask(self, *content: Any, **extra: Any) -> httpx.Response:
        return self.http.post(CHAT, json=body(*content, **extra))

    def text(self, *content: Any, **extra: Any) -> str:
        answer = self.ask(*content, **extra)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["choices"][0]["message"]["content"])

    def submit(self, *content: Any, **extra: Any) -> str:
        answer = self.http.post(CHAT + "/async", json=body(*content, **extra))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["call_id"])

    def status(self, call_id: str) -> httpx.Response:
        return self.http.get(f"{CHAT}/status/{call_id}")


@dataclass
class Deployments:
    """All that were asked for so far; closed together."""

    folder: Path
    stack: contextlib.ExitStack
    started: dict[tuple[str, str], Live] = field(default_factory=dict)

    def get(self, kind: tuple[str, str]) -> Live:
        if kind not in self.started:
            self.started[kind] = self._start(*kind)
        return self.started[kind]

    def _start(self, engine_name: str, store: str) -> Live:
        talker = Talker()
        engine = self._engine(engine_name, talker)
        jobs: JobStore = MemoryJobs(workers=4, drain_s=0)
        if store == "sqlite":
            jobs = SqliteJobs(self.folder / f"{engine_name}.sqlite3", workers=4, drain_s=0)
        if store == "modal":
            modal = FakeModal(Answerer(MODEL, engine, Limits(), load))
            jobs = ModalJobs(modal, modal.call_of)
            engine = RemoteEngine(remote_call(modal), warmth(modal), MODEL)
        app = create_service(MODEL, engine, jobs, load=load)
        url = self.stack.enter_context(live(app))
        http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        return Live(url, talker, self.stack.enter_context(http))

    def _engine(self, name: str, talker: Talker) -> Engine:
        match name:
            case "measure":
                return MeasureEngine()
            case "scripted":
                return TalkingEngine(talker)
            case "upstream":
                url = self.stack.enter_context(live(talking_server(talker)))
                return UpstreamEngine(url + "/v1", MODEL)
            case _:
                return UpstreamEngine(VLLM_URL, _served(VLLM_URL), api_key=VLLM_KEY)


def _served(url: str) -> str:
    headers = {"Authorization": f"Bearer {VLLM_KEY}"}
    models = httpx.get(f"{url}/models", headers=headers, trust_env=False).json()
    return str(models["data"][0]["id"])


async def load(reference: str, limits: Limits) -> Loaded:
    """The public loader, but that it never dials: two hosts are played."""
    if reference.startswith("https://pictures.example/"):
        return Loaded(png(), reference)
    if reference.startswith("https://gone.example/"):
        raise FetchFailed("the host cannot be reached")
    return await load_public(reference, limits)


def body(*content: Any, model: str = MODEL, **extra: Any) -> dict[str, Any]:
    parts: Any = list(content) or [text("How many ships?"), image()]
    if len(content) == 1 and isinstance(content[0], str):
        parts = content[0]
    messages = [{"role": "user", "content": parts}]
    return {"model": model, "messages": messages, "max_tokens": 48, "temperature": 0, **extra}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def image(url: str | None = None, **extra: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url or data_uri(), **extra}}


def error_of(answer: httpx.Response) -> Mapping[str, Any]:
    """The error in an answer, in OpenAI's shape."""
    error: Mapping[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}, error
    assert error["message"]
    return error
