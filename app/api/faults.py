"""From what went wrong to an HTTP answer: one table. The shape stands in `app.api.shape`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import imagery
from app.api.refused import Refused
from app.api.shape import error_body
from app.errors import (
    BadRequest,
    CheckpointNotFound,
    DatabaseTrouble,
    JobMissing,
    KeyReused,
    ServerStopping,
    SwathError,
    ThreadBusy,
    ThreadNotFound,
    TurnCancelled,
    TurnElsewhere,
    TurnLost,
    TurnNotFound,
    TurnRunning,
    VisionBreakerOpen,
    VisionFailed,
    VisionOverloaded,
    VisionRefused,
    VisionStarting,
    VisionTimeout,
    VisionUnavailable,
)

STATUS: dict[type[Exception], int] = {
    BadRequest: 400,
    ThreadNotFound: 404,
    TurnNotFound: 404,
    CheckpointNotFound: 404,
    ThreadBusy: 409,
    TurnRunning: 409,
    TurnElsewhere: 409,
    TurnCancelled: 409,
    KeyReused: 422,
    TurnLost: 500,
    ServerStopping: 503,
    DatabaseTrouble: 503,
    VisionRefused: 502,
    JobMissing: 502,
    VisionUnavailable: 503,
    VisionStarting: 503,
    VisionOverloaded: 503,
    VisionBreakerOpen: 503,
    VisionTimeout: 504,
    VisionFailed: 502,
    imagery.BadReference: 400,
    imagery.AddressRefused: 400,
    imagery.FetchFailed: 400,
    imagery.ImageTooLarge: 413,
    imagery.NotAnImage: 415,
    imagery.UnsupportedImage: 415,
    imagery.CorruptImage: 422,
    imagery.EmptyImage: 422,
    imagery.ImageNotFound: 404,
}
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
MOST_FAULTS = 5
TELLTALE = {
    "extra_forbidden": "there is a field that is not known",
    "invalid_key": "a key is no text",
    "union_tag_invalid": "there is no such kind",
}
STATUS_OF_CODE = {kind.code: status for kind, status in STATUS.items() if hasattr(kind, "code")}


def status_of(error: Exception) -> int:
    """The status of an error, by its most specific class in the table."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def handle(app: FastAPI) -> None:
    """Answers known errors; unknown ones are left to the boundary."""
    app.add_exception_handler(SwathError, _known)
    app.add_exception_handler(imagery.ImageryError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _known(_request: Request, error: Exception) -> JSONResponse:
    return answer_of(error)


def answer_of(error: Exception) -> JSONResponse:
    """The answer for a known error."""
    code, hint = getattr(error, "code", "error"), getattr(error, "hint", "")
    return JSONResponse(error_body(code, str(error), hint), status_of(error), _headers(error))


def _headers(error: Exception) -> Mapping[str, str]:
    wait_s = getattr(error, "retry_after_s", None)
    return {} if wait_s is None else {"Retry-After": str(max(1, round(wait_s)))}


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    # Never the value: it may be megabytes of somebody's picture.
    faults: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    lines = "; ".join(map(_line, faults[:MOST_FAULTS])) or "invalid request"
    return JSONResponse(error_body("bad_request", lines, "See /docs for the fields."), 422)


def _line(fault: Any) -> str:
    kind, where = fault["type"], fault["loc"]
    if kind in TELLTALE:  # what was sent is in their words, or the last step is its key
        return f"{_where(where[:-1])}: {TELLTALE[kind]}"
    return f"{_where(where)}: {fault['msg']}"


def _where(steps: tuple[Any, ...]) -> str:
    return ".".join(str(step) for step in steps if step not in ("body", "query")) or "body"


async def _http(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Refused):
        return error.response
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    message = str(getattr(error, "detail", error))
    return JSONResponse(error_body(CODES.get(status, "http_error"), message), status, headers)
