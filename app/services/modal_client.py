"""The client of the two VLM services: one pooled connection set each, one retry policy for both.

    async with ModalServiceClient(vqa=Endpoint(...), captioning=Endpoint(...)) as client:
        reply = await client.call_vqa(image_url, "How many ships are there?")

It cannot tell an embedded service from one on this machine or on Modal. How a call is made stands
in `caller` (deadline, breaker, places, retries), `jobs_client` and `streaming`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, Self

import httpx

from app.errors import VisionRefused
from app.services.breaker import BreakerState
from app.services.caller import Caller, CallLimits
from app.services.endpoint import Endpoint
from app.services.health import health_of
from app.services.jobs_client import Jobs, NoJobRoutes, Watch
from app.services.replies import Completion, caption_reply, read, vqa_reply
from app.services.retry import RetryPolicy
from app.services.statuses import json_object
from app.services.streaming import PATH, Piece, streamed
from app.services.vision import CaptionReply, OnProgress, OnSubmitted, Service, VqaReply, unheard

CAPTION_PROMPT = "Describe this satellite image in detail."


class ModalServiceClient:
    """Calls the VQA and the captioning service.

    Every method raises an `app.errors.VisionError` when there is no answer. No call outlasts the
    endpoint's timeout, or the `app.services.deadline.answer_within` that it is made in.

    `on_progress` hears of retries, cold starts, queues and jobs. `on_submitted`, `call_id` and
    `submit_key` keep a job from being submitted twice: see `app.services.vision.Vision`.

    Args:
        vqa, captioning: where they are.
        retry: how often and when a call is tried again.
        limits: how each service is spared.
        now: the clock in seconds, for tests.
    """

    def __init__(
        self,
        vqa: Endpoint,
        captioning: Endpoint,
        retry: RetryPolicy | None = None,
        *,
        limits: CallLimits | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        rules = (retry or RetryPolicy(), limits or CallLimits(), now)
        places: dict[Service, Endpoint] = {"vqa": vqa, "captioning": captioning}
        self._callers = {name: Caller(name, each, *rules) for name, each in places.items()}
        self._jobs = {name: Jobs(caller) for name, caller in self._callers.items()}

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes both pools."""
        for caller in self._callers.values():
            await caller.http.aclose()

    async def call_vqa(
        self,
        image_url: str | None,
        query: str,
        vqa_type: str | None = None,
        max_tokens: int = 128,
        temperature: float = 0.0,
        *,
        call_id: str | None = None,
        on_progress: OnProgress = unheard,
        on_submitted: OnSubmitted | None = None,
        submit_key: str = "",
    ) -> VqaReply:
        """Asks a question about a picture; `vqa_type` is returned with the answer."""
        body = self._body("vqa", image_url, query, max_tokens, temperature)
        watch = Watch(on_progress, on_submitted, submit_key)
        return vqa_reply(*await self._complete("vqa", body, watch, call_id), vqa_type)

    async def call_captioning(
        self,
        image_url: str,
        prompt: str = CAPTION_PROMPT,
        max_tokens: int = 512,
        temperature: float = 0.7,
        *,
        call_id: str | None = None,
        on_progress: OnProgress = unheard,
        on_submitted: OnSubmitted | None = None,
        submit_key: str = "",
    ) -> CaptionReply:
        """Describes a picture as the prompt asks."""
        body = self._body("captioning", image_url, prompt, max_tokens, temperature)
        watch = Watch(on_progress, on_submitted, submit_key)
        return caption_reply(*await self._complete("captioning", body, watch, call_id))

    async def stream_vqa(
        self,
        image_url: str | None,
        query: str,
        vqa_type: str | None = None,
        max_tokens: int = 128,
        temperature: float = 0.0,
        *,
        on_progress: OnProgress = unheard,
    ) -> AsyncGenerator[str | VqaReply]:
        """The answer's text in pieces as they are written, and at the end the whole reply.

        Close it (`contextlib.aclosing`) to leave early: the server then stops too.
        """
        body = self._body("vqa", image_url, query, max_tokens, temperature)
        async with contextlib.aclosing(self._streamed("vqa", body, on_progress)) as pieces:
            async for piece in pieces:
                yield piece if isinstance(piece, str) else vqa_reply(*piece, vqa_type)

    async def stream_captioning(
        self,
        image_url: str,
        prompt: str = CAPTION_PROMPT,
        max_tokens: int = 512,
        temperature: float = 0.7,
        *,
        on_progress: OnProgress = unheard,
    ) -> AsyncGenerator[str | CaptionReply]:
        """The description's text in pieces as they are written, and at the end the whole reply."""
        body = self._body("captioning", image_url, prompt, max_tokens, temperature)
        async with contextlib.aclosing(self._streamed("captioning", body, on_progress)) as pieces:
            async for piece in pieces:
                yield piece if isinstance(piece, str) else caption_reply(*piece)

    async def call_vqa_async(
        self, image_url: str, query: str, max_tokens: int = 128, temperature: float = 0.0
    ) -> str:
        """Submits a question as a job and returns its call id.

        An answer that got lost on the way is asked for again, so a job may be submitted twice;
        only the one whose id is returned is ever asked about.
        """
        body = self._body("vqa", image_url, query, max_tokens, temperature)
        return await self._jobs["vqa"].submit(body, self._callers["vqa"].end())

    async def call_captioning_async(
        self,
        image_url: str,
        prompt: str = CAPTION_PROMPT,
        max_tokens: int = 512,
        temperature: float = 0.7,
    ) -> str:
        """Submits a description as a job and returns its call id."""
        body = self._body("captioning", image_url, prompt, max_tokens, temperature)
        return await self._jobs["captioning"].submit(body, self._callers["captioning"].end())

    async def poll_vqa_result(self, call_id: str, timeout: float = 300) -> VqaReply:  # noqa: ASYNC109
        """Waits for a job, asking at growing intervals.

        Raises:
            JobMissing: the job is not known, or has expired.
            VisionTimeout: it is not done after `timeout` seconds.
        """
        return vqa_reply(*await self._jobs["vqa"].wait(call_id, self._callers["vqa"].end(timeout)))

    async def poll_captioning_result(
        self,
        call_id: str,
        timeout: float = 300,  # noqa: ASYNC109
    ) -> CaptionReply:
        """Waits for a job as `poll_vqa_result` does."""
        end = self._callers["captioning"].end(timeout)
        return caption_reply(*await self._jobs["captioning"].wait(call_id, end))

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
        body = self._body(service, None, "Hello", 1, 0.0)
        with contextlib.suppress(VisionRefused):  # it answered, so it is up
            end = self._callers[service].end()
            await self._callers[service].send(
                "POST", PATH, body, parse=lambda _: None, end=end, on_progress=on_progress
            )
        return await self.health(service)

    def _body(
        self,
        service: Service,
        image_url: str | None,
        text: str,
        max_tokens: int,
        temperature: float,
    ) -> dict[str, Any]:
        # The picture comes first: the next question on it then reuses the server's prefix cache.
        image = [{"type": "image_url", "image_url": {"url": image_url}}] if image_url else []
        content = [*image, {"type": "text", "text": text}]
        return {
            "model": self._callers[service].endpoint.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": temperature,
        }

    async def _complete(
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

    def _streamed(
        self, service: Service, body: dict[str, Any], on_progress: OnProgress
    ) -> AsyncGenerator[Piece]:
        return streamed(self._callers[service], body, self._callers[service].end(), on_progress)
