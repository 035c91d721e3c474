"""OpenAI's batch files: requests as `vllm run-batch` takes them, answers as it writes them.

https://platform.openai.com/docs/guides/batch
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.batch.formats.form import Form, Seen
from app.batch.formats.lines import lines_in, objects_in
from app.batch.requests import first_image
from app.batch.rows import BadRow, Problem, Question, Result, Row, unnamed

URL = "/v1/chat/completions"
_LINE = re.compile(r"swath-(\d+)")
UNAVAILABLE = 503


def rows(path: Path) -> Iterator[Row]:
    """The requests of a file."""
    for number, found in objects_in(path):
        if isinstance(found, str):
            yield BadRow(number, unnamed(number), found)
            continue
        name = str(found.get("custom_id") or unnamed(number))
        wrong = _wrong_with(found)
        if wrong:
            yield BadRow(number, name, wrong)
        else:
            body = found["body"]
            yield Question(number, name, image=first_image(body), body=body)


def _wrong_with(found: dict[str, Any]) -> str | None:
    if not found.get("custom_id"):
        return "`custom_id` is missing"
    if found.get("method", "POST") != "POST" or found.get("url", URL) != URL:
        return f"only POST {URL} is taken"
    body = found.get("body")
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return "`body` is no chat request"
    if body.get("stream"):
        return "a batch cannot stream: leave out `stream`"
    return None


def record(row: Row, result: Result) -> dict[str, Any]:
    """A result as a line of OpenAI's output."""
    name = {"id": f"swath-{row.line}", "custom_id": row.id}
    if result.completion is not None:
        answer = {"status_code": 200, "request_id": f"swath-{row.line}", "body": result.completion}
        return {**name, "response": answer, "error": None, "ms": result.ms}
    problem = result.problem or Problem("no_answer", "there is no answer")
    error = {"code": problem.code, "message": problem.message, "retryable": problem.retryable}
    if problem.status is None:
        return {**name, "response": None, "error": error}
    body = {"error": {"message": problem.message, "type": problem.code, "code": problem.code}}
    answer = {"status_code": problem.status, "request_id": f"swath-{row.line}", "body": body}
    return {**name, "response": answer, "error": error}


def seen(found: dict[str, Any]) -> Seen | None:
    """Whose record it is."""
    match = _LINE.fullmatch(str(found.get("id")))
    if match is None or not isinstance(found.get("custom_id"), str):
        return None
    error = found.get("error")
    if error:
        code, again = str(error.get("code")), bool(error.get("retryable"))
        return Seen(int(match[1]), found["custom_id"], "failed", code, again)
    told = found["response"]["body"].get("swath") or {}
    status = "answered" if told.get("answered", True) else "refused"
    return Seen(int(match[1]), found["custom_id"], status)  # type: ignore[arg-type]


OPENAI = Form("openai", ".jsonl", rows, lines_in, record, seen)
