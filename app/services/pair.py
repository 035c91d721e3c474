"""The two services as they are reached: their callers and jobs, health, and kinds of engine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import httpx

from app.errors import VisionRefused
from app.services.breaker import BreakerState
from app.services.caller import Caller, CallLimits
from app.services.endpoint import Endpoint
from app.services.health import health_of
from app.services.jobs_client import Jobs, NoJobRoutes, Watch
from app.services.kinds import Kind
from app.services.replies import Completion, read
from app.services.requests import choice_body, question_body, without_probabilities
from app.services.retry import RetryPolicy
from app.services.statuses import json_object
from app.services.streaming import PATH, Piece, streamed
from app.services.vision import OnProgress, Service, unheard

CHOOSE_WITHIN_S = 3.0


class ServicePair:
    """What both services have in common: see `app.services.modal_client`."""

    def __init__(
        self,
        vqa: Endpoint,
        captioning: Endpoint,
        retry: RetryPolicy | None = None,
        *,
        limits: CallLimits | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        retry, limits = retry or RetryPolicy(), limits or CallLimits()
        endpoints: dict[Service, Endpoint] = {"vqa": vqa, "captioning": captioning}
        self._callers = {
            name: Caller(name, endpoint, retry, limits, now) for name, endpoint in endpoints.items()
        }
        self._jobs = {name: Jobs(caller) for name, caller in self._callers.items()}
        self._kinds = {name: Kind(caller) for name, caller in self._callers.items()}

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes both pools."""
        for caller in self._callers.values():
            await caller.http.aclose()

    async def health(self, service: Service) -> dict[str, Any]:
        """What the service says of itself, in one try of five seconds, and its breaker's state."""
        return await health_of(self._callers[service])

    async def complete(self, service: Service, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """The whole answer to a chat request that is sent as it is, and how many tries it took."""

        def whole(response: httpx.Response) -> dict[str, Any]:
            read(service, response)
            return json_object(response)

        caller = self._callers[service]
        return await caller.send("POST", PATH, body, parse=whole, end=caller.end())

    def breaker_state(self, service: Service) -> BreakerState:
        """Whether the service is left alone for now."""
        return self._callers[service].breaker.state

    async def warm_up(self, service: Service, on_progress: OnProgress = unheard) -> dict[str, Any]:
        """Starts a cold model with a question of one token; returns the service's health."""
        health = await self.health(service)
        if health["state"] != "cold":
            return health
        body = question_body(self._callers[service].endpoint.model, None, "Hello", 1, 0.0)
        with contextlib.suppress(VisionRefused):  # it answered, so it is up
            end = self._callers[service].end()
            await self._callers[service].send(
                "POST", PATH, body, parse=lambda _: None, end=end, on_progress=on_progress
            )
        return await self.health(service)

    async def is_vlm(self, service: Service) -> bool:
        """Whether a vision-language model stands behind the service; asked of it once.

        The embedded engine reads a question word by word, so that forms of answers and choices are
        for models alone. What does not say what it is now is taken for no model.
        """
        return await self._kinds[service].is_vlm()

    async def choose(self, prompt: str, choices: Sequence[str]) -> str:
        """One of the choices, by the VQA service's model and from words alone.

        Raises:
            VisionError: it did not choose, within three seconds.
        """
        kind, caller = self._kinds["vqa"], self._callers["vqa"]
        if not kind.chooses:
            message = "The vqa service is known not to choose."
            raise VisionRefused(message, service="vqa", attempts=0)
        body = choice_body(caller.endpoint.model, prompt, choices)
        try:
            completion, _ = await caller.send(
                "POST",
                PATH,
                body,
                parse=lambda response: read("vqa", response),
                end=caller.end(CHOOSE_WITHIN_S),
            )
        except VisionRefused:
            kind.chooses = False  # it would refuse the next one too
            raise
        return completion.text

    async def _complete(
        self, service: Service, body: dict[str, Any], watch: Watch, call_id: str | None
    ) -> tuple[Completion, int]:
        try:
            return await self._asked(service, body, watch, call_id)
        except VisionRefused as error:
            plain = self._without_what_it_refuses(service, body, error)
            return await self._asked(service, plain, watch, call_id)

    async def _asked(
        self, service: Service, body: dict[str, Any], watch: Watch, call_id: str | None
    ) -> tuple[Completion, int]:
        caller, jobs = self._callers[service], self._jobs[service]
        end = caller.end()
        if call_id or jobs.wanted(end):
            with contextlib.suppress(NoJobRoutes):
                return await jobs.answer(body, end, watch, call_id)
        return await caller.send(
            "POST",
            PATH,
            body,
            parse=lambda response: read(service, response),
            end=end,
            on_progress=watch.on_progress,
        )

    async def _streamed(
        self, service: Service, body: dict[str, Any], on_progress: OnProgress
    ) -> AsyncGenerator[Piece]:
        caller = self._callers[service]
        try:
            async with aclosing(streamed(caller, body, caller.end(), on_progress)) as pieces:
                async for piece in pieces:
                    yield piece
        except VisionRefused as error:  # always before the first piece
            plain = self._without_what_it_refuses(service, body, error)
            async with aclosing(streamed(caller, plain, caller.end(), on_progress)) as pieces:
                async for piece in pieces:
                    yield piece

    def _without_what_it_refuses(
        self, service: Service, body: dict[str, Any], error: VisionRefused
    ) -> dict[str, Any]:
        """The request without probabilities, for a server that has none; else the refusal."""
        if "logprobs" not in body or "logprob" not in str(error):
            raise error
        self._kinds[service].tells_probabilities = False
        return without_probabilities(body)
