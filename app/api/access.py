"""Who is let in: a good key where keys are asked for; where none are, nobody from the web.

Without keys the server is on loopback, and what could reach it is a web page in the same machine's
browser: by a form or a script of another origin, or under a name of its own that it points at
127.0.0.1. Both are refused.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.keys import Keys
from app.api.refused import Refused

OPEN = frozenset({"/", "/livez", "/readyz", "/docs", "/openapi.json"})
OPEN_BELOW = "/static-offline-docs/"
HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+?)\.?)(?::[0-9]{1,5})?")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Access:
    """ASGI middleware that says whose a request is: `scope["state"]["owner"]`.

    It is None for someone without a key on an open path.

    Args:
        app: what stands behind it.
        keys: that are let in; without any everybody is the one owner, "".
        origins: of pages that may call the API.
    """

    def __init__(self, app: ASGIApp, *, keys: Keys, origins: Iterable[str] = ()) -> None:
        self._app = app
        self._keys = keys
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or answers it before its body is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            scope.setdefault("state", {})["owner"] = self._owner(scope)
        except Refused as refused:
            await refused.response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _owner(self, scope: Scope) -> str | None:
        if self._keys:
            owner = self._keys.owner(_all(scope, b"authorization"))
            if owner is None and not is_open(scope["path"]):
                raise Refused(
                    401,
                    "unauthorized",
                    "No valid access key was sent.",
                    "Send `Authorization: Bearer <key>`; `swath keys new NAME` makes one.",
                )
            return owner
        host = b"".join(_all(scope, b"host")).decode("latin-1")
        if not _is_local(host):
            raise Refused(
                421,
                "host_refused",
                "Without access keys this server answers to local names only.",
                "Ask for 127.0.0.1 or localhost, or set SWATH_API_KEYS.",
            )
        self._refuse_other_origins(scope, host)
        return ""

    def _refuse_other_origins(self, scope: Scope, host: str) -> None:
        origins = [each.decode("latin-1") for each in _all(scope, b"origin")]
        allowed = self._origins | {f"http://{host}", f"https://{host}"}
        if scope["method"] not in SAFE and "*" not in allowed and not allowed.issuperset(origins):
            raise Refused(
                403,
                "origin_refused",
                "The request comes from a web page of another origin.",
                "SWATH_CORS_ORIGINS lists the origins that may call.",
            )


def is_open(path: str) -> bool:
    """Whether a path tells nothing that needs a key."""
    return path in OPEN or path.startswith(OPEN_BELOW)


def _is_local(host: str) -> bool:
    """Whether the name cannot be one that a stranger points here: an address, or without a dot."""
    found = HOST.fullmatch(host)
    if not found:
        return False
    name = found["six"] or found["name"]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(".localhost")
    return True


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for header, value in scope["headers"] if header == name]
