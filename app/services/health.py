"""Whether a service would answer, whatever kind of server it is."""

from __future__ import annotations

from typing import Any

import httpx

from app.services.caller import Caller
from app.services.statuses import is_starting, json_object, said_by

TIMEOUT_S = 5
NO_ROUTE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED})
# What is passed on of what a service says of itself; the rest is nobody's business here.
TOLD = ("status", "model", "engine", "detail")
MOST_CHARACTERS = 300
STATES = frozenset({"ready", "cold", "down"})


async def health_of(caller: Caller) -> dict[str, Any]:
    """What the service says of itself: its `state`, with its breaker's beside it. Never raises."""
    return {**await _asked(caller.http), "breaker": caller.breaker.state}


async def _asked(http: httpx.AsyncClient) -> dict[str, Any]:
    try:
        response = await http.get("/health", timeout=TIMEOUT_S)
        if response.status_code in NO_ROUTE:  # Ollama and others have no such route
            response = await http.get("/v1/models", timeout=TIMEOUT_S)
            return {"state": _state(response)}
    except httpx.RequestError as error:
        return {"state": "down", "detail": type(error).__name__}
    body = json_object(response)
    said = {name: str(body[name])[:MOST_CHARACTERS] for name in TOLD if name in body}
    if response.is_success:
        state = str(body.get("state"))
        return {**said, "state": state if state in STATES else "ready"}
    return {**said, "state": _state(response), "detail": said_by(response)}


def _state(response: httpx.Response) -> str:
    if response.is_success:
        return "ready"
    return "cold" if is_starting(response) else "down"
