"""A thread as Markdown in which nothing that was said is Markdown: no picture loads from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from app.services.threads.catalogue import ThreadSummary
from app.services.threads.transcript import Message

WHO = {"user": "You", "assistant": "Swath"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LINE_START = re.compile(r"^(\s*)([-+=])", re.MULTILINE)


def as_markdown(thread: ThreadSummary, messages: Sequence[Message]) -> str:
    """The thread for people: a heading, then each message under its speaker and time."""
    lines = [f"# Thread {plain(thread.thread_id)}", ""]
    for message in messages:
        when = datetime.fromtimestamp(message.created, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        lines += [f"**{WHO[message.role]}**, {when}", ""]
        if image := message.metadata.get("image"):
            lines += [f"Image `{image}`", ""]
        lines += [plain(message.content), ""]
    return "\n".join(lines)


def plain(text: str) -> str:
    """Words that show as they are, addresses in them no links."""
    escaped = _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))
    return escaped.replace("://", ":\\//")
