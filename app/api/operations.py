"""The graph as a drawing, and the routes that a platform asks."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict

from app.api.dependencies import BEARER, CurrentAgent
from app.api.shape import BESIDE_TEXT
from app.drawing import drawn

router = APIRouter(tags=["operations"])


class Part(BaseModel):
    """Something that a turn needs; with an access key also what it says of itself."""

    model_config = ConfigDict(extra="allow")

    state: str


class Ready(BaseModel):
    """Whether a question would be answered."""

    status: Literal["ok", "unavailable"]
    vqa: Part
    captioning: Part
    database: Part
    images: Part


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """The documentation is the front page."""
    return RedirectResponse("/docs")


@router.get(
    "/api/graph",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}, "image/svg+xml": {}}}},
    dependencies=[BEARER],
)
async def graph(
    agent: CurrentAgent,
    format: Literal["mermaid", "ascii", "svg"] = "mermaid",  # noqa: A002
) -> Response:
    """The agent as Mermaid text, as characters or as SVG; made without a network."""
    drawing = drawn(agent.graph, format)
    return svg(drawing) if format == "svg" else PlainTextResponse(drawing)


@router.get("/livez")
async def livez() -> Alive:
    """200 while the process answers."""
    return Alive()


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "a question would not be answered now"}},
)
async def readyz(request: Request) -> Response:
    """200 when a question would be answered, 503 otherwise; each part with its state.

    No model is woken by it. Who has no key sees the states alone.
    """
    parts = await request.state.readiness.parts()
    going = request.state.closing.begun
    ready = all(part["state"] in ("ready", "cold") for part in parts.values()) and not going
    if request.state.owner is None:
        parts = {name: {"state": part["state"]} for name, part in parts.items()}
    body = {"status": "ok" if ready else "unavailable", **parts}
    return JSONResponse(body, 200 if ready else 503)


@router.get(
    "/metrics", response_class=PlainTextResponse, responses=BESIDE_TEXT, dependencies=[BEARER]
)
async def metrics(request: Request) -> Response:
    """Counts, times and states in Prometheus's text format."""
    return Response(request.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def svg(drawing: str) -> Response:
    """A drawing of ours; it has styles of its own and loads nothing."""
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(drawing, 200, policy, "image/svg+xml")
