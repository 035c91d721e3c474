"""Where a service is, and the pooled client that reaches it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from modal_services.pooling import pooled_transport

MAX_REDIRECTS = 20  # Modal answers 303 every 150 s for as long as the work takes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is.

    Attributes:
        base_url: before `/v1`.
        model: the name to ask for.
        timeout_s: for one call, its retries included.
        api_key: a bearer token, where the service wants one.
        headers: further secrets, such as those of Modal's proxy.
        sync_limit_s: a call that may take longer is sent as a job, where there are job routes.
        engine: the kind of its engine, where it is known beforehand.
        transport: another way to the service: the embedded one's ASGI app, or a test's fake.
    """

    base_url: str
    model: str
    timeout_s: float = 120
    api_key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sync_limit_s: float = math.inf
    engine: str | None = None
    transport: httpx.AsyncBaseTransport | None = None

    def client(self) -> httpx.AsyncClient:
        """A pooled client. Making one costs 20 ms, so there is one a service, not one a call."""
        key = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return httpx.AsyncClient(
            base_url=self.base_url.rstrip("/"),
            headers={**key, **self.headers},
            transport=self.transport or _Fluent(pooled_transport()),
            follow_redirects=True,  # Modal answers 303 after 150 s and goes on working
            max_redirects=MAX_REDIRECTS,
            event_hooks={"request": [self._stay_home]},
        )

    async def _stay_home(self, request: httpx.Request) -> None:
        """Refuses to follow a redirect elsewhere, with our keys, questions and pictures in it."""
        home, there = httpx.URL(self.base_url), request.url
        upgraded = (home.scheme, there.scheme) == ("http", "https")
        if there.host != home.host or not (upgraded or _origin(home) == _origin(there)):
            message = f"to another host, {there.host}, which is not followed"
            raise httpx.TooManyRedirects(message, request=request)


def _origin(url: httpx.URL) -> tuple[str, int | None]:
    return url.scheme, url.port


class _Fluent(httpx.AsyncBaseTransport):
    """A transport all of whose errors are httpx's: aiohttp's own come through for bad HTTP."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        from aiohttp import ClientError  # noqa: PLC0415 - loaded with the pool

        try:
            return await self._inner.handle_async_request(request)
        except ClientError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error

    async def aclose(self) -> None:
        await self._inner.aclose()
