"""Access keys: who may use a service."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from hashlib import sha256

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from modal_services.errors import Problem

OPEN = frozenset({"/health"})
MAX_DRAINED_BYTES = 64 * 1024 * 1024


class BearerKeys:
    """ASGI middleware that wants one of the keys as a bearer token, everywhere but on /health.

    Args:
        app: what stands behind it.
        keys: 64 hex digits are taken for the SHA-256 of a key, anything else for the key itself.
    """

    def __init__(self, app: ASGIApp, *, keys: Iterable[str]) -> None:
        self._app = app
        self._digests = [_digest(key) for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request with a good key on; answers others before their body is read."""
        if scope["type"] != "http" or scope["path"] in OPEN or self._good(_presented(scope)):
            await self._app(scope, receive, send)
            return
        await _drained(receive)
        await _refusal()(scope, receive, send)

    def _good(self, key: bytes | None) -> bool:
        if key is None:
            return False
        presented = sha256(key).digest()
        # Each one is compared, in constant time, so that time tells nothing.
        matches = [hmac.compare_digest(presented, digest) for digest in self._digests]
        return any(matches)


def _digest(key: str) -> bytes:
    if re.fullmatch(r"[0-9a-fA-F]{64}", key):
        return bytes.fromhex(key)
    return sha256(key.encode()).digest()


def _presented(scope: Scope) -> bytes | None:
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, key = bytes(header).partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else None


async def _drained(receive: Receive) -> None:
    # A connection closed on an unread body shows the caller a broken pipe, not this refusal.
    drained = 0
    while drained < MAX_DRAINED_BYTES:
        message = await receive()
        drained += len(message.get("body", b""))
        if not message.get("more_body"):
            return


def _refusal() -> JSONResponse:
    message = "Send a valid key: `Authorization: Bearer <key>`."
    problem = Problem(401, message, "authentication_error", "invalid_api_key")
    return JSONResponse(problem.body.model_dump(), 401, {"WWW-Authenticate": "Bearer"})
