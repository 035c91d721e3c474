"""From what went wrong to what the caller is told: one table."""

from __future__ import annotations

from dataclasses import dataclass

import imagery
from modal_services.engine import EngineBusy, EngineError, EngineRefused, EngineTimeout
from modal_services.jobs import QueueFull
from modal_services.wire import ErrorBody, ErrorDetail


@dataclass(frozen=True, slots=True)
class Problem:
    """An HTTP status and OpenAI's fields for it."""

    status: int
    message: str
    type: str
    code: str | None = None
    param: str | None = None
    retry_after_s: float | None = None

    @property
    def body(self) -> ErrorBody:
        """The body of the answer."""
        return ErrorBody(
            error=ErrorDetail(
                message=self.message, type=self.type, param=self.param, code=self.code
            )
        )


INTERNAL = Problem(
    500, "Something went wrong in the service. It is logged there.", "server_error", "internal"
)
STOPPING = Problem(503, "The service is stopping.", "service_unavailable", "stopping")
CLIENT_LEFT = Problem(499, "The caller went away.", "invalid_request_error", "client_closed")


class ServiceError(Exception):
    """A request that cannot be answered, with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ServiceError:
    """A request that is at fault."""
    return ServiceError(Problem(400, message, "invalid_request_error", code, param))


def unsupported(param: str, engine: str) -> ServiceError:
    """A parameter that OpenAI's API has and the engine behind this service has not."""
    message = f"`{param}` is not supported by the engine `{engine}`."
    return invalid(message, param=param, code="unsupported_parameter")


def unknown_model(asked: str, served: str) -> ServiceError:
    """A model that is not served here."""
    message = f"The model `{asked}` does not exist. This service serves `{served}`."
    return ServiceError(Problem(404, message, "invalid_request_error", "model_not_found", "model"))


def problem_of(error: Exception) -> Problem | None:
    """The problem that an error is, or None for one that is a fault of ours."""
    match error:
        case ServiceError(problem=problem):
            return problem
        case imagery.ImageryError():
            status = 413 if isinstance(error, imagery.ImageTooLarge) else 400
            message = f"{error} {error.hint}".strip()
            return Problem(status, message, "invalid_request_error", error.code, "messages")
        case QueueFull():
            message = "Too many jobs are waiting. Try again later."
            return Problem(429, message, "rate_limit_error", "queue_full", retry_after_s=5)
        case EngineError():
            return _engine_problem(error)
        case _:
            return None


def _engine_problem(error: EngineError) -> Problem:
    text = str(error)
    match error:
        case EngineRefused(param=param):
            return Problem(400, text, "invalid_request_error", "refused_by_model_server", param)
        case EngineBusy(retry_after_s=wait_s):
            return Problem(503, text, "service_unavailable", "model_unavailable", None, wait_s)
        case EngineTimeout():
            return Problem(504, text, "timeout_error", "model_timeout")
        case _:
            return Problem(502, text, "server_error", "model_failed")
