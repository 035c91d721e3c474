"""The client of the two VLM services: one pooled connection set each, one retry policy for both.

    async with ModalServiceClient(vqa=Endpoint(...), captioning=Endpoint(...)) as client:
        reply = await client.call_vqa(image_url, "How many ships are there?")

It cannot tell an embedded service from one on this machine or on Modal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from app.errors import JobMissing, VisionError, VisionTimeout
from app.services.endpoint import Endpoint
from app.services.replies import (
    Completion,
    call_id_in,
    caption_reply,
    json_object,
    raise_for_status,
    read,
    unreachable,
    vqa_reply,
)
from app.services.retry import RetryPolicy
from app.services.vision import CaptionReply, Service, VqaReply
from modal_services.jobs import is_call_id

CAPTION_PROMPT = "Describe this satellite image in detail."


class ModalServiceClient:
    """Calls the VQA and the captioning service.

    Every method raises an `app.errors.VisionError` when there is no answer.

    Args:
        vqa, captioning: where they are.
        retry: how often and when a call is tried again.
        poll_s: how often a job is asked for.
        now: the clock in seconds, for tests.
    """

    def __init__(
        self,
        vqa: Endpoint,
        captioning: Endpoint,
        retry: RetryPolicy | None = None,
        *,
        poll_s: float = 2.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoints: dict[Service, Endpoint] = {"vqa": vqa, "captioning": captioning}
        self._https = {name: endpoint.client() for name, endpoint in self._endpoints.items()}
        self._retry = retry or RetryPolicy()
        self._poll_s = poll_s
        self._now = now

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
        for http in self._https.values():
            await http.aclose()

    async def call_vqa(
        self,
        image_url: str | None,
        query: str,
        vqa_type: str | None = None,
        max_tokens: int = 128,
        temperature: float = 0.0,
    ) -> VqaReply:
        """Asks a question about a picture; `vqa_type` is returned with the answer."""
        body = self._body("vqa", image_url, query, max_tokens, temperature)
        completion, attempts = await self._complete("vqa", body)
        return vqa_reply(completion, attempts, vqa_type)

    async def call_captioning(
        self,
        image_url: str,
        prompt: str = CAPTION_PROMPT,
        max_tokens: int = 512,
        temperature: float = 0.7,
    ) -> CaptionReply:
        """Describes a picture as the prompt asks."""
        body = self._body("captioning", image_url, prompt, max_tokens, temperature)
        completion, attempts = await self._complete("captioning", body)
        return caption_reply(completion, attempts)

    async def call_vqa_async(
        self, image_url: str, query: str, max_tokens: int = 128, temperature: float = 0.0
    ) -> str:
        """Submits a question as a job and returns its call id.

        An answer that got lost on the way is asked for again, so a job may be submitted twice;
        only the one whose id is returned is ever asked about.
        """
        body = self._body("vqa", image_url, query, max_tokens, temperature)
        response, _ = await self._send("vqa", "POST", "/v1/chat/completions/async", body)
        return call_id_in(response)

    async def poll_vqa_result(self, call_id: str, timeout: float = 300) -> VqaReply:  # noqa: ASYNC109
        """Waits for a job, asking every few seconds.

        Raises:
            JobMissing: the job is not known, or has expired.
            VisionTimeout: it is not done after `timeout` seconds.
        """
        if not is_call_id(call_id):
            message = f"{call_id[:80]!r} is no call id: one begins with fc-."
            raise JobMissing(message, service="vqa", status=404)
        deadline = self._now() + timeout
        while True:
            path = f"/v1/chat/completions/status/{call_id}"
            response, attempts = await self._send("vqa", "GET", path, deadline=deadline)
            if response.status_code != httpx.codes.ACCEPTED:
                return vqa_reply(read("vqa", response), attempts)
            if self._now() + self._poll_s >= deadline:
                message = f"The job {call_id} was not done after {timeout:.0f} s."
                raise VisionTimeout(message, service="vqa", status=202)
            await self._retry.sleep(self._poll_s)

    async def health(self, service: Service) -> dict[str, Any]:
        """What the service says of itself; one try, five seconds."""
        try:
            response = await self._https[service].get("/health", timeout=5)
        except httpx.TransportError as error:
            return {"state": "down", "detail": type(error).__name__}
        return {"state": "ready" if response.is_success else "down", **json_object(response)}

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
            "model": self._endpoints[service].model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": temperature,
        }

    async def _complete(self, service: Service, body: dict[str, Any]) -> tuple[Completion, int]:
        response, attempts = await self._send(service, "POST", "/v1/chat/completions", body)
        return read(service, response), attempts

    async def _send(
        self,
        service: Service,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        deadline: float | None = None,
    ) -> tuple[httpx.Response, int]:
        """The first answer that is no passing trouble, and how many attempts it took."""
        timeout_s = self._endpoints[service].timeout_s
        end = self._now() + timeout_s if deadline is None else deadline
        number = 0
        try:
            async for attempt in self._retry.attempts(end, self._now):
                with attempt:
                    number = attempt.retry_state.attempt_number
                    response = await self._send_once(service, method, path, body, end)
        except VisionError as error:
            error.attempts = number
            raise
        return response, number

    async def _send_once(
        self, service: Service, method: str, path: str, body: dict[str, Any] | None, end: float
    ) -> httpx.Response:
        left_s = max(0.01, end - self._now())
        try:
            async with asyncio.timeout(left_s):
                timeout = httpx.Timeout(left_s, connect=min(10, left_s))
                response = await self._https[service].request(
                    method, path, json=body, timeout=timeout
                )
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout) as error:
            message = f"The {service} service did not answer in time."
            raise VisionTimeout(message, service=service) from error
        except httpx.TransportError as error:  # a refused connection is a ConnectTimeout here
            raise unreachable(service, self._endpoints[service].base_url) from error
        raise_for_status(service, response)
        return response
