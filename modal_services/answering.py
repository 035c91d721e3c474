"""From a request to its completion: check, decode the pictures, ask the engine.

Used by the front of a service, by its jobs, and by the worker that stands beside a GPU.
"""

from __future__ import annotations

import time
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from imagery import Limits
from modal_services.engine import Engine, Prompt, Reply
from modal_services.errors import problem_of, unknown_model
from modal_services.jobs import Done, Failed
from modal_services.prompting import Decode, Load, decode_in_thread, prompt_of
from modal_services.wire import AssistantMessage, ChatCompletion, ChatRequest, Choice, UsageBody


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers requests with one engine.

    Attributes:
        served_as: the service's model name; the engine's own name stands in answers if it has one.
    """

    served_as: str
    engine: Engine
    limits: Limits
    load: Load
    decode: Decode = decode_in_thread

    @property
    def model(self) -> str:
        """The name that answers carry."""
        return self.engine.model_id or self.served_as

    @property
    def names(self) -> frozenset[str]:
        """The names that requests may ask for."""
        return frozenset({self.served_as, self.model, *self.engine.aliases})

    async def checked(self, request: ChatRequest) -> Prompt:
        """The request as a prompt, everything about it checked.

        Raises:
            ServiceError: the request is at fault.
            imagery.ImageryError: a picture is.
        """
        if request.model not in self.names:
            raise unknown_model(request.model, self.model)
        return await prompt_of(request, self.load, self.limits, self.decode)

    async def answer(self, prompt: Prompt) -> ChatCompletion:
        """The engine's answer.

        Raises:
            EngineError: there is none.
        """
        return self._completion(await self.engine.chat(prompt))

    async def run(self, request: ChatRequest | Mapping[str, object]) -> Done | Failed:
        """Checks and answers; whatever goes wrong is the outcome, never an exception."""
        try:
            checked = await self.checked(ChatRequest.model_validate(request))
            return Done(await self.answer(checked))
        except Exception as error:  # noqa: BLE001 - a job's boundary: any fault is its outcome
            problem = problem_of(error)
            said = problem.message if problem else "The service failed while it ran this job."
            status = problem.status if problem else 500
            return Failed(said, "".join(traceback.format_exception(error)), status)

    def _completion(self, reply: Reply) -> ChatCompletion:
        usage = reply.usage and UsageBody(
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            total_tokens=reply.usage.prompt_tokens + reply.usage.completion_tokens,
        )
        message = AssistantMessage(content=reply.text)
        return ChatCompletion(
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created=int(time.time()),
            model=self.model,
            choices=[Choice(message=message, finish_reason=reply.finish_reason)],
            usage=usage,
            swath={"engine": self.engine.name, **reply.detail},
        )
