"""The tools: ask, caption, inspect. This is the one module that knows the `mcp` package."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from app import __version__
from app.agent import Agent
from app.errors import SwathError
from app.mcp_server.results import Answered, Inspected, answered, inspected
from app.prompts import description_of
from app.prompts.texts import CAPTION
from imagery import ImageryError

INSTRUCTIONS = (
    "Answers questions about satellite and aerial images. Name an image by a path (where the "
    "server runs on your machine), an https URL, or the id of an earlier answer. A refusal is an "
    "honest no: do not ask again in other words."
)

Image = Annotated[
    str, Field(description="A path, an https URL, a data: URI, or the id of an earlier answer.")
]
Thread = Annotated[
    str | None, Field(description="The thread_id of an earlier answer, to go on with it.")
]
Wishes = Annotated[
    str, Field(description='How it should be, such as "two sentences" or "in French, for a child".')
]
# Nothing outside Swath changes; services elsewhere may be asked, and addresses fetched.
READS = ToolAnnotations(read_only_hint=True, open_world_hint=True)


def create_server(agent: Agent, *, files: bool) -> MCPServer:
    """A server of Swath's tools.

    Args:
        agent: what answers.
        files: whether paths of this machine are read.
    """
    server = MCPServer("swath", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")

    @server.tool(title="Ask about a satellite image", annotations=READS)
    async def ask(question: str, image: Image | None = None, thread_id: Thread = None) -> Answered:
        """Ask a question about a satellite image: what, whether, how many, how much of it.

        Without `image` the question is about the last image of `thread_id`.
        """
        with _told():
            turn = await agent.ask(question, image=image, thread_id=thread_id, files=files)
        return answered(turn)

    @server.tool(title="Describe a satellite image", annotations=READS)
    async def caption(image: Image, wishes: Wishes = "", thread_id: Thread = None) -> Answered:
        """Describe a satellite image in words."""
        with _told():
            turn = await agent.ask(
                description_of(wishes) or CAPTION,
                image=image,
                thread_id=thread_id,
                task="captioning",
                files=files,
            )
        return answered(turn)

    @server.tool(title="Inspect an image file", annotations=READS)
    async def inspect(image: Image) -> Inspected:
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
        end = "" if str(error).endswith((".", "!", "?")) else "."
        hint = f" {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else ""
        raise ToolError(f"{error}{end}{hint}") from error
