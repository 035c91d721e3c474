"""swath mcp: the tools over stdio, or over HTTP."""

from __future__ import annotations

import asyncio

import typer

from app.agent import open_agent
from app.cli.serve import refuse_beyond_loopback
from app.cli.trouble import BAD_USE, read_settings, stop, told_plainly
from app.settings import Settings


def run(*, http: bool, host: str, port: int, files: bool | None) -> None:
    """Serves until the client leaves, or Ctrl-C."""
    try:
        import mcp  # noqa: F401, PLC0415 - an extra
    except ImportError:
        stop("the package mcp is not installed", "Install it:  pip install 'swath[mcp]'", BAD_USE)
    if http:
        refuse_beyond_loopback(host, "The MCP server has no access keys.")
        typer.echo(f"Swath's tools are at http://{host}:{port}/mcp   stop with Ctrl-C", err=True)
    with told_plainly():
        asyncio.run(
            _serve(
                read_settings(),
                http=http,
                host=host,
                port=port,
                files=not http if files is None else files,
            )
        )


async def _serve(settings: Settings, *, http: bool, host: str, port: int, files: bool) -> None:
    from app.mcp_server.server import create_server  # noqa: PLC0415 - an extra

    async with open_agent(settings) as agent:
        server = create_server(agent, files=files)
        if http:
            await server.run_streamable_http_async(host=host, port=port)
        else:
            await server.run_stdio_async()
