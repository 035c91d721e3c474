"""An engine that stands elsewhere and is reached by a function call, such as a Modal worker."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from imagery import Limits
from modal_services.engine import (
    Delta,
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineHealth,
    EngineRefused,
    EngineState,
    EngineTimeout,
    Prompt,
    Reply,
    Usage,
    in_one_piece,
)
from modal_services.jobs import Done, Failed
from modal_services.prompting import request_of

ERRORS: dict[int, type[EngineError]] = {
    400: EngineRefused,
    429: EngineBusy,
    503: EngineBusy,
    504: EngineTimeout,
}


class RemoteEngine:
    """Sends the prompt as a request in plain JSON and reads the outcome.

    Args:
        call: asks the worker; it answers `Done` or `Failed` and raises only `EngineError`.
        state: whether a worker is up; asking must not start one.
        model: the name under which the worker is asked.
    """

    name = "upstream"
    model_id: str | None = None
    lacks: frozenset[str] = frozenset()

    def __init__(
        self,
        call: Callable[[dict[str, Any]], Awaitable[Done | Failed]],
        state: Callable[[], Awaitable[EngineState]],
        model: str,
        limits: Limits | None = None,
    ) -> None:
        self.aliases = frozenset({model})
        self._call = call
        self._state = state
        self._model = model
        self._max_pixels = (limits or Limits()).model_pixels

    async def chat(self, prompt: Prompt) -> Reply:
        """The worker's answer.

        Raises:
            EngineError: of the kind that the worker's status stands for.
        """
        request = request_of(prompt, self._model, self._max_pixels)
        match await self._call(request.model_dump(mode="json")):
            case Done(completion):
                choice, usage = completion.choices[0], completion.usage
                return Reply(
                    text=choice.message.content,
                    finish_reason=choice.finish_reason,
                    usage=Usage(usage.prompt_tokens, usage.completion_tokens) if usage else None,
                    detail=dict(completion.swath),
                    logprobs=choice.logprobs,
                )
            case Failed(error=error, status=status):
                raise ERRORS.get(status, EngineFailed)(error)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        """The worker's answer, whole: a function call returns once."""
        async for delta in in_one_piece(await self.chat(prompt)):
            yield delta

    async def health(self) -> EngineHealth:
        """As the worker's state says; a cold one starts with the next question."""
        return EngineHealth(await self._state())

    async def aclose(self) -> None:
        """Nothing is held."""
