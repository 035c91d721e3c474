"""The graph as a drawing, and the routes that a platform asks."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from app.api.dependencies import CurrentAgent
from app.drawing import drawn

router = APIRouter(tags=["operations"])


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """The documentation is the front page."""
    return RedirectResponse("/docs")


@router.get(
    "/api/graph",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}, "image/svg+xml": {}}}},
)
async def graph(
    agent: CurrentAgent,
    format: Literal["mermaid", "ascii", "svg"] = "mermaid",  # noqa: A002
) -> Response:
    """The agent as Mermaid text, as characters or as SVG; made without a network."""
    drawing = drawn(agent.graph, format)
    return svg(drawing) if format == "svg" else PlainTextResponse(drawing)


@router.get("/livez")
async def livez() -> dict[str, str]:
    """200 while the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(agent: CurrentAgent) -> Response:
    """200 when a question would be answered, 503 otherwise; each part with its state."""
    parts = await agent.health()
    ready = all(part["state"] in ("ready", "cold") for part in parts.values())
    body = {"status": "ok" if ready else "unavailable", **parts}
    return JSONResponse(body, 200 if ready else 503)


def svg(drawing: str) -> Response:
    """A drawing of ours; it has styles of its own and loads nothing."""
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(drawing, 200, policy, "image/svg+xml")
