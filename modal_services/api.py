"""The front of a service: the routes of the usage guide over any engine and any job store.

    POST   /v1/chat/completions                   answer now, at once or piece by piece
    POST   /v1/chat/completions/async             submit a job
    GET    /v1/chat/completions/status/{call_id}  ask for it
    DELETE /v1/chat/completions/status/{call_id}  cancel it
    GET    /v1/models                             what is served
    GET    /health                                whether it would answer

The same factory runs in tests, on one machine and on Modal.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, assert_never

from fastapi import Body, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from imagery import Limits
from modal_services import faults
from modal_services.answering import Answerer
from modal_services.boundary import AnswerEveryFault
from modal_services.engine import Engine, Prompt
from modal_services.errors import invalid
from modal_services.event_stream import EventStream, begun, unless_left
from modal_services.jobs import Done, Failed, JobStore, Missing, Pending
from modal_services.keys import BearerKeys
from modal_services.prompting import Decode, Load, decode_in_thread, load_public, request_of
from modal_services.remembered import RememberedFiles, RememberedPictures
from modal_services.request_ids import RequestIds
from modal_services.stopping import noticing_signals
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
LATER = {"Retry-After": str(POLL_AFTER_S)}
NO_SUCH_JOB = "There is no such job: its call_id is unknown, or it has expired."
CHAT = "/v1/chat/completions"


def create_service(
    model: str,
    engine: Engine,
    jobs: JobStore,
    *,
    limits: Limits | None = None,
    load: Load = load_public,
    decode: Decode = decode_in_thread,
    development: bool = False,
    api_keys: Iterable[str] = (),
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
        api_keys: keys, or their SHA-256 in hex, one of which requests must bear; none: open to all.
    """
    load, decode = RememberedFiles(load), RememberedPictures(decode)
    answerer = Answerer(model, engine, limits or Limits(), load, decode)
    service = Service(answerer, jobs, development=development)
    app = FastAPI(
        title=f"Swath VLM service: {answerer.model}",
        lifespan=service.lifespan,
        max_body_size=MAX_BODY_BYTES,
        docs_url=None,
        redoc_url=None,
    )
    _add_routes(app, service)
    faults.handle(app)
    if keys := frozenset(api_keys):
        app.add_middleware(BearerKeys, keys=keys)
    app.add_middleware(AnswerEveryFault, development=development)
    app.add_middleware(RequestIds)
    return app


def _add_routes(app: FastAPI, service: Service) -> None:
    job, answer = CHAT + "/status/{call_id}", ChatCompletion
    app.add_api_route(CHAT, service.chat, methods=["POST"], response_model=answer)
    app.add_api_route(CHAT + "/async", service.submit, methods=["POST"], status_code=202)
    app.add_api_route(job, service.status, methods=["GET"], response_model=None)
    app.add_api_route(job, service.cancel, methods=["DELETE"], response_model=None)
    app.add_api_route("/v1/models", service.models, methods=["GET"])
    app.add_api_route("/health", service.health, methods=["GET"])


class Service:
    """One method a route; each translates a request to one call and back."""

    def __init__(self, answerer: Answerer, jobs: JobStore, *, development: bool) -> None:
        self._answerer = answerer
        self._jobs = jobs
        self._development = development
        self._stopping = asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Runs jobs while the service is up; open streams end when it is asked to stop."""
        with noticing_signals(self._stopping):
            async with self._jobs.working(self._answerer.run):
                yield
        await self._answerer.engine.aclose()

    async def chat(self, request: Request, asked: Annotated[ChatRequest, Body()]) -> Response:
        """Answers now."""
        prompt = await self._answerer.checked(asked)
        if not asked.stream:
            answer = await unless_left(request, self._answerer.answer(prompt))
            # Written here: FastAPI would check our own model once more.
            return Response(answer.model_dump_json(), media_type="application/json")
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        chunks = self._answerer.stream(prompt, include_usage=usage)
        first = await unless_left(request, begun(chunks))
        return EventStream(first, chunks, self._stopping)

    async def submit(
        self,
        response: Response,
        asked: Annotated[ChatRequest, Body()],
        idempotency_key: Annotated[str, Header(max_length=255)] = "",
    ) -> JobTicket:
        """Checks the request, so that a bad one fails at once, and stores it as a job.

        The same request sent again with its `Idempotency-Key` is the same job.
        """
        if asked.stream:
            raise invalid("A job's answer comes whole: it cannot be a stream.", param="stream")
        prompt = await self._answerer.checked(asked)
        call_id = await self._jobs.submit(await self._alone(prompt, asked.model), idempotency_key)
        response.headers.update(LATER)
        return JobTicket(call_id=call_id, model=self._answerer.model)

    async def _alone(self, prompt: Prompt, model: str) -> ChatRequest:
        pixels = self._answerer.limits.model_pixels
        return await asyncio.to_thread(request_of, prompt, model, pixels)

    async def status(self, call_id: str) -> ChatCompletion | JSONResponse:
        """200 with the answer, 202 while pending, 404 for a job that is not known."""
        match await self._jobs.outcome(call_id):
            case Done(completion):
                return completion
            case Pending():
                return _json(202, JobTicket(call_id=call_id, model=self._answerer.model), LATER)
            case Missing():
                return _json(404, JobErrorBody(error=NO_SUCH_JOB))
            case Failed(error=error, traceback=trace):
                shown = trace if self._development and trace else None
                return _json(500, JobErrorBody(error=error, traceback=shown))
            case unknown:
                assert_never(unknown)

    async def cancel(self, call_id: str) -> JSONResponse:
        """200 when the job will not end, 409 when it has, 404 for one that is not known."""
        match await self._jobs.cancel(call_id):
            case "cancelled":
                model = self._answerer.model
                return _json(200, JobTicket(call_id=call_id, status="cancelled", model=model))
            case "ended":
                return _json(409, JobErrorBody(error="The job has ended; ask for its outcome."))
            case "missing":
                return _json(404, JobErrorBody(error=NO_SUCH_JOB))
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
