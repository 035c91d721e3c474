"""Swath's own records: a line of JSON a result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.batch.formats.form import Seen
from app.batch.rows import Question, Result, Row, mark_of

STATUSES = ("answered", "refused", "failed")


def record(row: Row, result: Result) -> dict[str, Any]:
    """The record of a result; what is not known is left out."""
    asked = {"line": row.line, "id": row.id}
    if isinstance(row, Question):
        asked |= {"image": row.shown_image, "query": row.query}
    known = {
        "status": result.status,
        "answer": result.answer if result.status != "failed" else None,
        "task": result.task,
        "vqa_type": result.vqa_type,
        "rule": result.rule,
        "method": result.method,
        "caveats": list(result.caveats),
        "engine": result.engine,
        "model": result.model,
        "usage": dict(result.usage),
        "ms": result.ms,
        "attempts": result.attempts,
        "error": asdict(result.problem) if result.problem else None,
    }
    return {
        **asked,
        **{name: value for name, value in known.items() if value not in (None, [], {})},
    }


def seen(found: dict[str, Any]) -> Seen | None:
    """Whose record it is."""
    line, name, status = found.get("line"), found.get("id"), found.get("status")
    if not isinstance(line, int) or not isinstance(name, str) or status not in STATUSES:
        return None
    error = found.get("error") or {}
    mark = mark_of(line, name, found.get("query") or "", found.get("image"))
    return Seen(line, mark, status, error.get("code"), bool(error.get("retryable")))
