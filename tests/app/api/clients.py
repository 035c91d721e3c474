"""Clients of the whole API in this process, with and without access keys."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from app.api import create_app
from app.api.keys import setting_of
from app.services.endpoint import Endpoint
from app.services.observed import ObservedClient
from app.services.retry import RetryPolicy
from app.settings import Settings
from tests.fakes import FakeService

KEYS = {"acme": "sk-swath-of-acme", "zenith": "sk-swath-of-zenith"}

QUICK = RetryPolicy(base_s=0)


def api_keys(keys: Mapping[str, str] = KEYS) -> tuple[SecretStr, ...]:
    return tuple(SecretStr(setting_of(name, key)) for name, key in keys.items())


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[name]}"}


def running(app: FastAPI, state: Mapping[str, Any]) -> httpx.AsyncClient:
    """A client of an app whose lifespan runs; a server hands its state to every request."""

    async def run(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = dict(state)
        await app(scope, receive, send)

    transport = httpx.ASGITransport(run)
    return httpx.AsyncClient(transport=transport, base_url="http://swath")


@contextlib.asynccontextmanager
async def api(tmp_path: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(data_dir=tmp_path, _env_file=None, **settings), isolated=False)
    async with app.router.lifespan_context(app) as state, running(app, state or {}) as client:
        yield client


@contextlib.asynccontextmanager
async def keyed(
    tmp_path: Path, *, service: FakeService | None = None, **settings: Any
) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A client for each key, all of one server; "" has none. `service` answers as both models."""
    settings = {"api_keys": api_keys(), "key_rate": 0, **settings}
    app = create_app(Settings(data_dir=tmp_path, _env_file=None, **settings), isolated=False)
    async with contextlib.AsyncExitStack() as stack:
        state: Any = await stack.enter_async_context(app.router.lifespan_context(app))
        clients = {"": await stack.enter_async_context(running(app, state))}
        if service:
            endpoint = Endpoint("http://model", "m", transport=service.transport)
            vision = ObservedClient(endpoint, endpoint, QUICK, observers=[state["metrics"]])
            state["agent"].vision = await stack.enter_async_context(vision)
        for name in KEYS:
            clients[name] = await stack.enter_async_context(running(app, state))
            clients[name].headers.update(bearer(name))
        yield clients
