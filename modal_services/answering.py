"""From a request to its completion: check, decode the pictures, ask the engine.

Used by the front of a service, by its jobs, and by the worker that stands beside a GPU.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from imagery import Limits
from modal_services.chunks import Chunk, ChunkChoice, ChunkDelta
from modal_services.engine import Delta, Engine, EngineFailed, Prompt, Reply, Usage
from modal_services.errors import problem_of, unknown_model, unsupported
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
        for param in sorted(self.engine.lacks):
            if _asks_for(param, request):
                raise unsupported(param, self.engine.name)
        return await prompt_of(request, self.load, self.limits, self.decode)

    async def answer(self, prompt: Prompt) -> ChatCompletion:
        """The engine's answer, or as many as the prompt asks for.

        Raises:
            EngineError: there is none.
        """
        prompts = _single(prompt)
        if len(prompts) == 1:
            return self._completion([await self.engine.chat(prompts[0])])
        asked = [asyncio.ensure_future(self.engine.chat(one)) for one in prompts]
        try:
            return self._completion(await asyncio.gather(*asked))
        finally:
            for task in asked:  # where one failed or the caller left, the others stop too
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def stream(
        self, prompt: Prompt, *, include_usage: bool = False
    ) -> AsyncGenerator[Chunk, None]:
        """The same piece by piece; several answers come one after the other.

        Raises:
            EngineError: before the first piece or after any.
        """
        chunk = partial(Chunk, id=_new_id(), created=int(time.time()), model=self.model)
        usages: list[Usage | None] = []
        for index, one in enumerate(_single(prompt)):
            delta = Delta()
            async with contextlib.aclosing(self.engine.stream(one)) as deltas:
                async for delta in deltas:
                    if len(usages) == index:
                        usages.append(None)
                        yield chunk(choices=[_first(index)])
                    yield chunk(
                        choices=[_piece(index, delta)],
                        swath=self._told(delta.detail) if delta.finish_reason else None,
                        measurements=list(delta.measurements) or None,
                    )
            if not delta.finish_reason:
                raise EngineFailed("The model server broke off in the middle of its answer.")
            usages[index] = delta.usage
        usage = _total(usages)
        if include_usage and usage:
            yield chunk(choices=[], usage=usage)

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

    def _completion(self, replies: Sequence[Reply]) -> ChatCompletion:
        return ChatCompletion(
            id=_new_id(),
            created=int(time.time()),
            model=self.model,
            choices=[
                Choice(
                    index=index,
                    message=AssistantMessage(content=reply.text),
                    logprobs=reply.logprobs,
                    finish_reason=reply.finish_reason,
                )
                for index, reply in enumerate(replies)
            ],
            usage=_total([reply.usage for reply in replies]),
            swath=self._told(replies[0].detail),
            measurements=list(replies[0].measurements) or None,
        )

    def _told(self, detail: Mapping[str, object]) -> dict[str, object]:
        return {"engine": self.engine.name, **detail}


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


def _asks_for(param: str, request: ChatRequest) -> bool:
    value = getattr(request, param)
    if param == "response_format" and value is not None:
        return bool(value.type != "text")
    return value is not None and value is not False


def _single(prompt: Prompt) -> list[Prompt]:
    """The prompt once for each answer, each with a seed of its own."""
    seed = prompt.sampling.seed
    seeds = [None if seed is None else seed + index for index in range(prompt.answers)]
    return [
        replace(prompt, answers=1, sampling=replace(prompt.sampling, seed=each)) for each in seeds
    ]


def _total(usages: Sequence[Usage | None]) -> UsageBody | None:
    """The prompt's tokens once and all answers' tokens, as OpenAI counts; None if unknown."""
    known = [usage for usage in usages if usage is not None]
    if len(known) < len(usages):
        return None
    completion = sum(usage.completion_tokens for usage in known)
    prompt = known[0].prompt_tokens
    return UsageBody(
        prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
    )


def _first(index: int) -> ChunkChoice:
    return ChunkChoice(index=index, delta=ChunkDelta(role="assistant", content=""))


def _piece(index: int, delta: Delta) -> ChunkChoice:
    return ChunkChoice(
        index=index,
        delta=ChunkDelta(content=delta.text or None),
        logprobs=delta.logprobs,
        finish_reason=delta.finish_reason,
    )
