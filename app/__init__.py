"""Swath: ask questions about satellite images.

    from app import Agent

    async with Agent.open() as agent:
        turn = await agent.ask("How much of this is water?", image="harbor.tif")

Two switches have to stand before LangGraph and LangChain are first imported, so they are thrown
here: a checkpoint row may not name code to run (strict msgpack), and nothing is traced to another
host unless Swath's own setting says so, whatever the environment inherited. What is exported is
imported when it is first used, so that `import app` stays light.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.agent import Agent as Agent
    from app.answers import Answer as Answer
    from app.settings import Settings as Settings
    from app.sync_agent import SyncAgent as SyncAgent
    from app.tools import caption_tool as caption_tool
    from app.tools import vqa_tool as vqa_tool
    from app.turn import Turn as Turn

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"  # noqa: TID251 - read by langgraph at import
for _name in (
    "LANGSMITH_TRACING",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING",
    "LANGCHAIN_TRACING_V2",
):
    os.environ[_name] = "false"  # noqa: TID251 - read by langsmith at every run

__version__ = "0.1.0"

_FROM = {
    "Agent": "app.agent",
    "Answer": "app.answers",
    "Settings": "app.settings",
    "SyncAgent": "app.sync_agent",
    "Turn": "app.turn",
    "caption_tool": "app.tools",
    "vqa_tool": "app.tools",
}


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module 'app' has no attribute {name!r}")
    return getattr(import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM})
