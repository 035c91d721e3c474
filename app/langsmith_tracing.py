"""Runs of the graph to LangSmith, only when Swath's own setting says so.

Importing `app` turns tracing off, whatever the environment inherited; this turns it on again.
Without words (`metadata`) LangSmith sees names, times and errors, and no question or answer.
"""

from __future__ import annotations

import os

from app.settings import Settings

ON = {"LANGSMITH_TRACING": "true", "LANGSMITH_TRACING_V2": "true", "LANGCHAIN_TRACING_V2": "true"}
WORDLESS = {"LANGSMITH_HIDE_INPUTS": "true", "LANGSMITH_HIDE_OUTPUTS": "true"}


def set_up_langsmith(settings: Settings) -> None:
    """Turns tracing on as the settings say; its address and key are LangSmith's own variables."""
    if settings.langsmith_tracing == "off":
        return
    # LangSmith reads its switches from here and nowhere else.
    os.environ.update(ON)  # noqa: TID251
    if settings.langsmith_tracing == "metadata":
        os.environ.update(WORDLESS)  # noqa: TID251
    from langsmith import utils  # noqa: PLC0415 - half a second, only where it is used

    utils.get_env_var.cache_clear()  # type: ignore[attr-defined]
