"""What kind of engine a service has: asked of its /health, once."""

from __future__ import annotations

import httpx

from app.services.caller import Caller
from app.services.health import NO_ROUTE
from app.services.statuses import json_object

EMBEDDED = "measure"
TIMEOUT_S = 2
AGAIN_S = 30  # a service that did not say what it is, is not asked for so long


class Kind:
    """The kind of one service.

    Attributes:
        chooses: false once the service refused to answer with one of several choices.
        tells_probabilities: false once it refused to tell its tokens' probabilities.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._engine = caller.endpoint.engine
        self._not_before = caller.now()
        self.chooses = True
        self.tells_probabilities = True

    async def is_vlm(self) -> bool:
        """Whether it is known not to be the embedded engine."""
        if self._engine is None and self._caller.now() >= self._not_before:
            self._engine = await self._asked()
            self._not_before = self._caller.now() + AGAIN_S
        return self._engine not in (None, EMBEDDED)

    async def measures(self) -> bool:
        """Whether it is known to be the embedded engine."""
        return not await self.is_vlm() and self._engine == EMBEDDED

    async def _asked(self) -> str | None:
        if self._caller.breaker.state != "closed":
            return None
        try:
            response = await self._caller.http.get("/health", timeout=TIMEOUT_S)
        except httpx.RequestError:
            return None
        if response.is_success or response.status_code in NO_ROUTE:
            # A bare vLLM or Ollama says nothing of its engine; only ours is no model.
            return str(json_object(response).get("engine") or "unnamed")
        return None
