"""From what went wrong to an HTTP answer: one table, one shape.

{"error": {"code": "for programs", "message": "for people", "hint": "what to do"}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import imagery
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
CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
STATUS_OF_CODE = {kind.code: status for kind, status in STATUS.items() if hasattr(kind, "code")}


def status_of(error: Exception) -> int:
    """The status of an error, by its most specific class in the table."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def error_body(code: str, message: str, hint: str = "") -> dict[str, Any]:
    """The one shape of errors."""
    return {"error": {"code": code, "message": message, "hint": hint}}


def handle(app: FastAPI) -> None:
    """Answers known errors; unknown ones are left to the boundary."""
    app.add_exception_handler(SwathError, _known)
    app.add_exception_handler(imagery.ImageryError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _known(_request: Request, error: Exception) -> JSONResponse:
    code, hint = getattr(error, "code", "error"), getattr(error, "hint", "")
    return JSONResponse(error_body(code, str(error), hint), status_of(error), _headers(error))


def _headers(error: Exception) -> Mapping[str, str]:
    wait_s = getattr(error, "retry_after_s", None)
    return {} if wait_s is None else {"Retry-After": str(max(1, round(wait_s)))}


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    # Never the value: it may be megabytes of somebody's picture.
    faults: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    if any(fault["type"] == "json_invalid" for fault in faults):
        return JSONResponse(error_body("json_invalid", "The body is not valid JSON."), 400)
    lines = [f"{_where(fault['loc'])}: {fault['msg']}" for fault in faults[:5]]
    return JSONResponse(error_body("bad_request", "; ".join(lines) or "invalid request"), 422)


def _where(steps: tuple[Any, ...]) -> str:
    return ".".join(str(step) for step in steps if step not in ("body", "query")) or "body"


async def _http(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    message = str(getattr(error, "detail", error))
    return JSONResponse(error_body(CODES.get(status, "http_error"), message), status, headers)
