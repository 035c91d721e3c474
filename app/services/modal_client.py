"""The client of the two VLM services: one pooled connection set each, one retry policy for both.

    async with ModalServiceClient(vqa=Endpoint(...), captioning=Endpoint(...)) as client:
        reply = await client.call_vqa(image_url, "How many ships are there?")

It cannot tell an embedded service from one on this machine or on Modal. How a call is made stands
in `caller` (deadline, breaker, places, retries), `jobs_client` and `streaming`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from app.services.jobs_client import Watch
from app.services.pair import ServicePair
from app.services.replies import caption_reply, vqa_reply
from app.services.requests import question_body, without_probabilities
from app.services.vision import (
    CaptionReply,
    History,
    OnProgress,
    OnSubmitted,
    Service,
    VqaReply,
    unheard,
)

CAPTION_PROMPT = "Describe this satellite image in detail."


class ModalServiceClient(ServicePair):
    """Calls the VQA and the captioning service.

    Every method raises an `app.errors.VisionError` when there is no answer. No call outlasts the
    endpoint's timeout, or the `app.services.deadline.answer_within` that it is made in.

    `on_progress` hears of retries, cold starts, queues and jobs. `on_submitted`, `call_id` and
    `submit_key` keep a job from being submitted twice: see `app.services.vision.Vision`, also for
    `history` and `probabilities`.

    Args:
        vqa, captioning: where they are.
        retry: how often and when a call is tried again.
        limits: how each service is spared.
        now: the clock in seconds, for tests.
    """

    async def call_vqa(
        self,
        image_url: str | None,
        query: str,
        vqa_type: str | None = None,
        max_tokens: int = 128,
        temperature: float = 0.0,
        *,
        history: History = (),
        probabilities: bool = False,
        call_id: str | None = None,
        on_progress: OnProgress = unheard,
        on_submitted: OnSubmitted | None = None,
        submit_key: str = "",
    ) -> VqaReply:
        """Asks a question about a picture; `vqa_type` is returned with the answer."""
        body = self._body("vqa", image_url, query, max_tokens, temperature, history, probabilities)
        watch = Watch(on_progress, on_submitted, submit_key)
        return vqa_reply(*await self._complete("vqa", body, watch, call_id), vqa_type)

    async def call_captioning(
        self,
        image_url: str,
        prompt: str = CAPTION_PROMPT,
        max_tokens: int = 512,
        temperature: float = 0.7,
        *,
        history: History = (),
        call_id: str | None = None,
        on_progress: OnProgress = unheard,
        on_submitted: OnSubmitted | None = None,
        submit_key: str = "",
    ) -> CaptionReply:
        """Describes a picture as the prompt asks."""
        body = self._body("captioning", image_url, prompt, max_tokens, temperature, history)
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
        history: History = (),
        probabilities: bool = False,
        on_progress: OnProgress = unheard,
    ) -> AsyncGenerator[str | VqaReply]:
        """The answer's text in pieces as they are written, and at the end the whole reply.

        Close it (`contextlib.aclosing`) to leave early: the server then stops too.
        """
        body = self._body("vqa", image_url, query, max_tokens, temperature, history, probabilities)
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
        history: History = (),
        on_progress: OnProgress = unheard,
    ) -> AsyncGenerator[str | CaptionReply]:
        """The description's text in pieces as they are written, and at the end the whole reply."""
        body = self._body("captioning", image_url, prompt, max_tokens, temperature, history)
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

    def _body(self, service: Service, *asked: Any) -> dict[str, Any]:
        body = question_body(self._callers[service].endpoint.model, *asked)
        tells = self._kinds[service].tells_probabilities
        return body if tells else without_probabilities(body)
