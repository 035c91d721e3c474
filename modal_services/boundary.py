"""The outermost layer of an app: a fault of ours becomes a 500 in JSON, and a line in the log.

FastAPI's handler for `Exception` re-raises after answering, and uvicorn then drops the pooled
connection without saying so, which fails the caller's next request. This answers and stops there.
"""

from __future__ import annotations

import traceback

import structlog
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modal_services.errors import INTERNAL

log = structlog.get_logger(__name__)


class AnswerEveryFault:
    """ASGI middleware. With `development` the body carries the traceback."""

    def __init__(self, app: ASGIApp, *, development: bool = False) -> None:
        self._app = app
        self._development = development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and answers for an app that raised before it began to answer."""
        started = False

        async def noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting_start)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.exception("unhandled fault", path=scope["path"])
            await self._answer(error)(scope, receive, send)

    def _answer(self, error: Exception) -> JSONResponse:
        body: dict[str, object] = INTERNAL.body.model_dump()
        if self._development:
            body["traceback"] = "".join(traceback.format_exception(error))
        return JSONResponse(body, 500)
