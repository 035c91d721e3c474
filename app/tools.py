"""Tools for people who bring their own LangChain agent.

    async with Agent.open() as agent:
        tools = [vqa_tool(agent), caption_tool(agent)]

The arguments are a model's, so a picture that it names is an https URL, a data: URI or the id of a
stored one, never a file. Give `image` to have all questions asked about one picture of yours.
"""

from __future__ import annotations

from typing import Any

from langchain_core.tools import BaseTool, StructuredTool

from app.agent import Agent
from app.errors import SwathError
from app.state import TaskName
from app.turn import Turn  # LangChain reads the annotations
from imagery import ImageryError

ASK = (
    "Ask a question about a satellite image: what is there, how many, how much is covered, yes or "
    "no. Answers in words, with what speaks against the answer."
)
DESCRIBE = "Describe a satellite image in words. Say in `wishes` how: length, language, audience."
OF_IMAGE = " `image` is an https URL, a data: URI or the id of a stored image."


def vqa_tool(agent: Agent, image: str | None = None) -> BaseTool:
    """A tool that answers questions; its artifact is the `Turn`. It is for `ainvoke`."""
    if image is not None:

        async def ask(question: str) -> tuple[str, Turn | None]:
            return await _said(agent, question, image, "vqa", files=agent.files)

        return _tool(ask, "satellite_vqa", ASK)

    async def ask_about(question: str, image: str) -> tuple[str, Turn | None]:
        return await _said(agent, question, image, "vqa")

    return _tool(ask_about, "satellite_vqa", ASK + OF_IMAGE)


def caption_tool(agent: Agent, image: str | None = None) -> BaseTool:
    """A tool that describes; its artifact is the `Turn`. It is for `ainvoke`."""
    if image is not None:

        async def describe(wishes: str = "") -> tuple[str, Turn | None]:
            return await _said(agent, wishes, image, "captioning", files=agent.files)

        return _tool(describe, "satellite_caption", DESCRIBE)

    async def describe_it(image: str, wishes: str = "") -> tuple[str, Turn | None]:
        return await _said(agent, wishes, image, "captioning")

    return _tool(describe_it, "satellite_caption", DESCRIBE + OF_IMAGE)


async def _said(
    agent: Agent, words: str, image: str, task: TaskName, *, files: bool = False
) -> tuple[str, Turn | None]:
    """What the caller's model reads, and the turn; what cannot be asked is told in words too."""
    try:
        turn = await agent.ask(words, image=image, task=task, files=files)
    except (SwathError, ImageryError) as error:
        return f"That could not be asked: {error} {error.hint}".strip(), None
    caveats = dict.fromkeys(caveat for one in turn.answers for caveat in one.caveats)
    return "\n".join([turn.answer, *(f"Caveat: {caveat}" for caveat in caveats)]), turn


def _tool(work: Any, name: str, description: str) -> BaseTool:
    return StructuredTool.from_function(
        coroutine=work,
        name=name,
        description=description,
        response_format="content_and_artifact",
    )
