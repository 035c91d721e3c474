"""swath mcp: the tools over stdio, or over HTTP."""

from __future__ import annotations

import asyncio
import socket

import typer
import uvicorn

from app.agent import open_agent
from app.cli.serve import bound, configured, refuse_beyond_loopback
from app.cli.trouble import BAD_USE, read_settings, stop, told_plainly
from app.settings import Settings

QUESTION_BYTES = 2**20


def run(*, http: bool, host: str, port: int, files: bool | None) -> None:
    """Serves until the client leaves, or Ctrl-C."""
    try:
        import mcp  # noqa: F401, PLC0415 - an extra
    except ImportError:
        stop("the package mcp is not installed", "Install it:  pip install 'swath[mcp]'", BAD_USE)
    settings = read_settings()
    files = not http if files is None else files
    with told_plainly():
        if not http:
            asyncio.run(_over_stdio(settings, files=files))
            return
        refuse_beyond_loopback(host, "The MCP server has no access keys.")
        listener = bound(host, port)
        named = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/mcp"
        typer.echo(f"Swath's tools are at {named}   stop with Ctrl-C", err=True)
        asyncio.run(_over_http(settings, host, listener, files=files))


async def _over_stdio(settings: Settings, *, files: bool) -> None:
    from app.mcp_server.server import create_server  # noqa: PLC0415 - an extra

    async with open_agent(settings) as agent:
        await create_server(agent, files=files).run_stdio_async()


async def _over_http(
    settings: Settings, host: str, listener: socket.socket, *, files: bool
) -> None:
    from app.mcp_server.server import create_server  # noqa: PLC0415 - an extra

    largest = settings.max_image_bytes * 4 // 3 + QUESTION_BYTES  # a data: URI of one picture
    async with open_agent(settings) as agent:
        server = create_server(agent, files=files)
        app = server.streamable_http_app(host=host, max_request_body_size=largest)
        await uvicorn.Server(configured(app, settings.log_level)).serve(sockets=[listener])
