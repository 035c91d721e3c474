"""Where a service is, and the pooled client that reaches it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from modal_services.pooling import pooled_transport


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is.

    Attributes:
        base_url: before `/v1`.
        model: the name to ask for.
        timeout_s: for one call, its retries included.
        api_key: a bearer token, where the service wants one.
        transport: another way to the service: the embedded one's ASGI app, or a test's fake.
    """

    base_url: str
    model: str
    timeout_s: float = 120
    api_key: str = field(default="", repr=False)
    transport: httpx.AsyncBaseTransport | None = None

    def client(self) -> httpx.AsyncClient:
        """A pooled client. Making one costs 20 ms, so there is one a service, not one a call."""
        return httpx.AsyncClient(
            base_url=self.base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {self.api_key}"} if self.api_key else {},
            transport=self.transport or pooled_transport(),
            follow_redirects=True,  # Modal answers 303 after 150 s and goes on working
        )
