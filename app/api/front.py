"""The outermost layer: a request's id, the headers of its answer, its line in the log, its count.

A fault of ours becomes a 500 here. FastAPI's own handler for `Exception` raises again after it has
answered; uvicorn then drops the pooled connection without saying so, which fails the next request.
"""

from __future__ import annotations

import time
import traceback

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.headers import secure
from app.api.metrics import Metrics
from app.api.request_id import request_id_of
from app.api.shape import error_body

log = structlog.get_logger("swath.request")
NOT_BEGUN = 0
FAULT = 500


class Front:
    """ASGI middleware around everything else. With `development` a 500 carries the traceback."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, development: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._development = development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, whatever happens behind."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, status, began = request_id_of(scope), NOT_BEGUN, time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def telling(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                secure(headers)
            await send(message)

        with self._metrics.in_flight():
            try:
                await self._app(scope, receive, telling)
            except ClientDisconnect:
                pass  # nobody reads an answer; the line in the log says that there was none
            except Exception as error:
                log.exception("unhandled fault", path=scope["path"])
                if status != NOT_BEGUN:
                    raise
                await self._fault(error)(scope, receive, telling)
            finally:
                self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "other"
        self._metrics.answered(scope["method"], route, status, seconds)
        log.info(
            "answered" if status else "not answered",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            owner=scope.get("state", {}).get("owner") or None,
        )

    def _fault(self, error: Exception) -> JSONResponse:
        body = error_body("internal", "Something went wrong in Swath. It is logged there.")
        if self._development:
            body["traceback"] = "".join(traceback.format_exception(error))
        return JSONResponse(body, FAULT)
