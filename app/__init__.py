"""Swath: ask questions about satellite images.

Two switches have to stand before LangGraph and LangChain are first imported, so they are thrown
here: a checkpoint row may not name code to run (strict msgpack), and nothing is traced to another
host unless Swath's own setting says so, whatever the environment inherited.
"""

import os

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"  # noqa: TID251 - read by langgraph at import
for _name in (
    "LANGSMITH_TRACING",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING",
    "LANGCHAIN_TRACING_V2",
):
    os.environ[_name] = "false"  # noqa: TID251 - read by langsmith at every run

__version__ = "0.1.0"
