"""The front of a service: the routes of the usage guide over any engine and any job store.

    POST /v1/chat/completions                   answer now
    POST /v1/chat/completions/async             submit a job
    GET  /v1/chat/completions/status/{call_id}  ask for it
    GET  /v1/models                             what is served
    GET  /health                                whether it would answer

The same factory runs in tests, on one machine and on Modal.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, assert_never

from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from imagery import ImageryError, Limits
from modal_services.answering import Answerer
from modal_services.boundary import AnswerEveryFault
from modal_services.engine import Engine, EngineError
from modal_services.errors import Problem, ServiceError, problem_of
from modal_services.jobs import Done, Failed, JobStore, Missing, Pending, QueueFull
from modal_services.prompting import Decode, Load, decode_in_thread, load_public, request_of
from modal_services.wire import (
    ChatCompletion,
    ChatRequest,
    Health,
    JobErrorBody,
    JobTicket,
    ModelCard,
    ModelList,
)

MAX_BODY_BYTES = 64 * 1024 * 1024
POLL_AFTER_S = 2


def create_service(
    model: str,
    engine: Engine,
    jobs: JobStore,
    *,
    limits: Limits | None = None,
    load: Load = load_public,
    decode: Decode = decode_in_thread,
    development: bool = False,
) -> FastAPI:
    """A service that answers as `model` (or as the engine's own name, where it has one).

    Args:
        model: the name that requests ask for.
        engine: what answers.
        jobs: what keeps submitted requests.
        limits: on pictures.
        load: how a picture's reference becomes bytes, for tests.
        decode: how bytes become a picture; a server gives `DecodePool`'s way.
        development: whether errors of jobs carry their traceback.
    """
    answerer = Answerer(model, engine, limits or Limits(), load, decode)
    service = Service(answerer, jobs, development=development)
    app = FastAPI(
        title=f"Swath VLM service: {answerer.model}",
        lifespan=service.lifespan,
        max_body_size=MAX_BODY_BYTES,
        docs_url=None,
        redoc_url=None,
    )
    app.add_api_route("/v1/chat/completions", service.chat, methods=["POST"])
    submit = "/v1/chat/completions/async"
    app.add_api_route(submit, service.submit, methods=["POST"], status_code=202)
    status = "/v1/chat/completions/status/{call_id}"
    app.add_api_route(status, service.status, methods=["GET"], response_model=None)
    app.add_api_route("/v1/models", service.models, methods=["GET"])
    app.add_api_route("/health", service.health, methods=["GET"])
    for kind in (ServiceError, ImageryError, EngineError, QueueFull):
        app.add_exception_handler(kind, _known_fault)
    app.add_exception_handler(RequestValidationError, _invalid_body)
    app.add_exception_handler(HTTPException, _http_fault)
    app.add_middleware(AnswerEveryFault, development=development)
    return app


class Service:
    """One method a route; each translates a request to one call and back."""

    def __init__(self, answerer: Answerer, jobs: JobStore, *, development: bool) -> None:
        self._answerer = answerer
        self._jobs = jobs
        self._development = development

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Runs jobs while the service is up."""
        async with self._jobs.working(self._answerer.run):
            yield
        await self._answerer.engine.aclose()

    async def chat(self, request: Annotated[ChatRequest, Body()]) -> ChatCompletion:
        """Answers now."""
        return await self._answerer.answer(await self._answerer.checked(request))

    async def submit(self, request: Annotated[ChatRequest, Body()]) -> JobTicket:
        """Checks the request, so that a bad one fails at once, and stores it as a job."""
        prompt = await self._answerer.checked(request)
        call_id = await self._jobs.submit(
            request_of(prompt, request.model, self._answerer.limits.model_pixels)
        )
        return JobTicket(call_id=call_id, model=self._answerer.model)

    async def status(self, call_id: str) -> ChatCompletion | JSONResponse:
        """200 with the answer, 202 while pending, 404 for a job that is not known."""
        match await self._jobs.outcome(call_id):
            case Done(completion):
                return completion
            case Pending():
                headers = {"Retry-After": str(POLL_AFTER_S)}
                return _json(202, JobTicket(call_id=call_id, model=self._answerer.model), headers)
            case Missing():
                message = "There is no such job: its call_id is unknown, or it has expired."
                return _json(404, JobErrorBody(error=message))
            case Failed(error=error, traceback=trace):
                shown = trace if self._development and trace else None
                return _json(500, JobErrorBody(error=error, traceback=shown))
            case unknown:
                assert_never(unknown)

    async def models(self) -> ModelList:
        """The names that requests may ask for; the answering one first."""
        model = self._answerer.model
        names = [model, *sorted(self._answerer.names - {model})]
        return ModelList(data=[ModelCard(id=name) for name in names])

    async def health(self) -> Health:
        """200 while this front is up; `state` says whether a model stands behind it."""
        engine = self._answerer.engine
        health = await engine.health()
        return Health(
            model=self._answerer.model,
            engine=engine.name,
            state=health.state,
            detail=health.detail,
        )


def _json(status: int, body: BaseModel, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body.model_dump(exclude_none=True), status, headers)


def _answer_problem(problem: Problem) -> JSONResponse:
    wait_s = problem.retry_after_s
    headers = {} if wait_s is None else {"Retry-After": str(max(1, round(wait_s)))}
    return JSONResponse(problem.body.model_dump(), problem.status, headers)


async def _known_fault(_request: Request, error: Exception) -> JSONResponse:
    problem = problem_of(error)
    if problem is None:
        raise error
    return _answer_problem(problem)


async def _invalid_body(_request: Request, error: Exception) -> JSONResponse:
    faults: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    fault = faults[0] if faults else {"loc": (), "msg": "invalid", "type": ""}
    if fault["type"] == "json_invalid":
        return _answer_problem(Problem(400, "The body is not valid JSON.", INVALID, "json_invalid"))
    # Never the value: it may be megabytes of somebody's picture.
    where = ".".join(
        str(step) for step in fault["loc"] if step not in ("body", "text", "image_url")
    )
    message = f"{where}: {fault['msg']}" if where else str(fault["msg"])
    param = where.split(".", 1)[0] or None
    return _answer_problem(Problem(400, message, INVALID, str(fault["type"]), param))


async def _http_fault(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(getattr(error, "detail", error))
    headers = getattr(error, "headers", None)
    answer = _answer_problem(Problem(status, detail, INVALID, HTTP_CODES.get(status)))
    answer.headers.update(headers or {})
    return answer


INVALID = "invalid_request_error"
HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
