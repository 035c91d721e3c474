"""The id of a request: the caller's own, or one that is made; in its answer and in the log."""

from __future__ import annotations

import re
import uuid

import structlog
from starlette.types import Scope

USABLE = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


def request_id_of(scope: Scope) -> str:
    """What the caller sent as X-Request-ID where that can be one, else a new id."""
    sent = [value for name, value in scope["headers"] if name == b"x-request-id"]
    if len(sent) == 1 and USABLE.fullmatch(sent[0]):
        return bytes(sent[0]).decode("ascii")
    return uuid.uuid4().hex


def current_request_id() -> str:
    """The id of the request that is being answered; empty where none is."""
    found: str = structlog.contextvars.get_contextvars().get("request_id", "")
    return found
