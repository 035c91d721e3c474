"""Errors under /v1 in OpenAI's shape: {"error": {"message", "type", "param", "code"}}."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.faults import STATUS_OF_CODE, status_of
from app.api.strict_json import StrictRoute
from app.errors import SwathError
from app.events import Failed
from app.turn import Turn
from imagery import ImageryError
from modal_services.errors import CLIENT_LEFT, INTERNAL, Problem, ServiceError, problem_of
from modal_services.faults import answer, problem_of_body

INVALID = "invalid_request_error"
TYPES = {429: "rate_limit_error", 503: "service_unavailable", 504: "timeout_error"}
FAULT = 500
OF_PICTURES = {404, 415, 422}


class OpenAIRoute(StrictRoute):
    """A route whose errors are OpenAI's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, its known errors answered."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return answer(problem_of_body(request, error))
            except (SwathError, ImageryError, ServiceError) as error:
                return answer(problem(error))
            except ClientDisconnect:
                return answer(CLIENT_LEFT)
            except HTTPException as error:
                kind, code = _type(error.status_code), getattr(error, "code", "http_error")
                return answer(Problem(error.status_code, str(error.detail), kind, code))

        return handled


def problem(error: Exception) -> Problem:
    """What an error is to an OpenAI client; a fault of ours is told without its words."""
    if isinstance(error, SwathError):
        status, hint = status_of(error), f" {error.hint}" if error.hint else ""
        wait_s = getattr(error, "retry_after_s", None)
        return Problem(status, f"{error}{hint}", _type(status), error.code, None, wait_s)
    return problem_of(error) or INTERNAL


def problem_of_turn(turn: Turn) -> Problem | None:
    """What went wrong in a turn that has no answer."""
    if turn.error is None:
        return None
    status = STATUS_OF_CODE.get(turn.error["code"], 502)
    message = f"{turn.error['message']} {turn.error.get('hint', '')}".strip()
    return Problem(status, message, _type(status), turn.error["code"])


def problem_of_end(event: Failed) -> Problem:
    """What went wrong in a turn that could not be run; a picture is always the request's fault."""
    status = STATUS_OF_CODE.get(event.code, 500)
    status = 400 if status in OF_PICTURES else status
    return Problem(status, f"{event.message} {event.hint}".strip(), _type(status), event.code)


def _type(status: int) -> str:
    return TYPES.get(status, "server_error" if status >= FAULT else INVALID)
