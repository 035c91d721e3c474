"""From an exception in a route to an answer, always of the same shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from imagery import ImageryError
from modal_services.engine import EngineError
from modal_services.errors import Problem, ServiceError, problem_of
from modal_services.jobs import QueueFull

INVALID = "invalid_request_error"
HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
NOT_JSON = Problem(
    415, "Send JSON, with Content-Type: application/json.", INVALID, "unsupported_media_type"
)
# Steps of an error's path that name a branch of the schema, not a field of the request.
_BRANCHES = {"body", "str", "constrained-str"}
_KINDS = {"text", "image_url"}  # of parts; each step stands behind the part's place


def handle(app: FastAPI) -> None:
    """Answers known faults; unknown ones are left to the boundary."""
    for kind in (ServiceError, ImageryError, EngineError, QueueFull):
        app.add_exception_handler(kind, _known_fault)
    app.add_exception_handler(RequestValidationError, _invalid_body)
    app.add_exception_handler(HTTPException, _http_fault)


def answer(problem: Problem) -> JSONResponse:
    """An error's answer."""
    wait_s = problem.retry_after_s
    headers = {} if wait_s is None else {"Retry-After": str(max(1, round(wait_s)))}
    return JSONResponse(problem.body.model_dump(), problem.status, headers)


async def _known_fault(_request: Request, error: Exception) -> JSONResponse:
    problem = problem_of(error)
    if problem is None:
        raise error
    return answer(problem)


async def _invalid_body(request: Request, error: Exception) -> JSONResponse:
    return answer(problem_of_body(request, error))


def problem_of_body(request: Request, error: Exception) -> Problem:
    """What is wrong with a body that is no request."""
    faults: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    fault = _nearest(faults) if faults else {"loc": (), "msg": "invalid", "type": ""}
    if fault["type"] == "json_invalid":
        return Problem(400, "The body is not valid JSON.", INVALID, "json_invalid")
    if fault["loc"] == ("body",) and "json" not in request.headers.get("content-type", "json"):
        return NOT_JSON
    # Never the value: it may be megabytes of somebody's picture.
    where = ".".join(_steps(tuple(fault["loc"])))
    message = f"{where}: {fault['msg']}" if where else str(fault["msg"])
    param = where.split(".", 1)[0] or None
    return Problem(400, message, INVALID, str(fault["type"]), param)


def _steps(path: tuple[Any, ...]) -> list[str]:
    """The steps of a path that name a field or a place of the request."""
    return [
        str(step)
        for before, step in zip((None, *path), path, strict=False)
        if not (
            step in _BRANCHES
            or str(step).startswith("list[")
            or (isinstance(before, int) and step in _KINDS)
        )
    ]


def _nearest(faults: list[Any]) -> Any:
    """The first fault; where words or parts could be sent, that of the parts that were."""
    before = faults[0]["loc"][:-1]
    alike = [fault for fault in faults if fault["loc"][: len(before)] == before]
    found = max(alike, key=lambda fault: len(fault["loc"]))
    if found["type"] == "union_tag_invalid":  # its own words have what was sent
        return {**found, "msg": "a part is `text` or `image_url`"}
    return found


async def _http_fault(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(getattr(error, "detail", error))
    response = answer(Problem(status, detail, INVALID, HTTP_CODES.get(status)))
    response.headers.update(getattr(error, "headers", None) or {})
    return response
