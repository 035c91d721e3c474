"""The tools: ask, caption, inspect. This is the one module that knows the `mcp` package."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from app import __version__
from app.agent import Agent
from app.errors import SwathError
from app.mcp_server.results import Answered, Inspected, answered, inspected
from app.prompts.texts import CAPTION
from imagery import ImageryError

INSTRUCTIONS = (
    "Answers questions about satellite and aerial images. Name an image by a path (where the "
    "server runs on your machine), an https URL, or the id of an earlier answer. A refusal is an "
    "honest no: do not ask again in other words."
)


def create_server(agent: Agent, *, files: bool) -> MCPServer:
    """A server of Swath's tools.

    Args:
        agent: what answers.
        files: whether paths of this machine are read.
    """
    server = MCPServer("swath", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")

    @server.tool()
    async def ask(
        question: str, image: str | None = None, thread_id: str | None = None
    ) -> Answered:
        """Ask a question about a satellite image.

        `image` is a path, an https URL or an image id; without it the question is about the last
        image of `thread_id`.
        """
        with _told():
            turn = await agent.ask(question, image=image, thread_id=thread_id, files=files)
        return answered(turn)

    @server.tool()
    async def caption(image: str, thread_id: str | None = None) -> Answered:
        """Describe a satellite image in words."""
        with _told():
            turn = await agent.ask(
                CAPTION, image=image, thread_id=thread_id, task="captioning", files=files
            )
        return answered(turn)

    @server.tool()
    async def inspect(image: str) -> Inspected:
        """Tell what an image file is: size, bands, CRS, metres per pixel, place. Asks no model."""
        with _told():
            ref = await agent.keep_image(image, files=files)
        return inspected(ref)

    return server


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Errors as the tool's own, with what to do."""
    try:
        yield
    except (SwathError, ImageryError) as error:
        raise ToolError(f"{error} {error.hint}".strip()) from error
