"""What an engine is: something that answers a prompt about pictures.

An engine knows nothing of HTTP. The front (`modal_services.api`) has already checked the request
and turned every picture into 8-bit RGB before an engine sees it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from imagery import Picture
from modal_services.wire import FinishReason

EngineState = Literal["ready", "cold", "down"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, its words and pictures in the order they were sent."""

    role: Literal["system", "developer", "user", "assistant"]
    parts: tuple[str | Picture, ...]

    @property
    def text(self) -> str:
        """The words of the message, without its pictures."""
        return "\n".join(part for part in self.parts if isinstance(part, str)).strip()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures of the message, in order."""
        return tuple(part for part in self.parts if isinstance(part, Picture))


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the words are drawn; None leaves the engine's default.

    Attributes:
        logprobs: whether the answer carries its tokens' probabilities.
        top_logprobs: how many likely tokens besides, for each.
        response_format: OpenAI's, for words that are JSON.
        choice: the answer is one of these, where any are given.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: bool = False
    top_logprobs: int | None = None
    response_format: Mapping[str, object] | None = None
    choice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request: the conversation so far and how to answer it.

    Attributes:
        answers: how many answers are wanted. An engine gives one: it is asked that often.
    """

    turns: tuple[Turn, ...]
    sampling: Sampling = field(default_factory=Sampling)
    answers: int = 1

    @property
    def question(self) -> str:
        """The words of the last user message."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures that the question is about: those of the last message that has any."""
        return next((turn.pictures for turn in reversed(self.turns) if turn.pictures), ())


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the engine counted them; never an estimate."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An engine's answer.

    Attributes:
        text: the words.
        finish_reason: why it ended.
        usage: tokens, or None where the engine has none or does not tell.
        logprobs: in OpenAI's form, where they were asked for.
        detail: what else is known of the answer (method, evidence, whether it was answered at
            all); JSON types only. It travels in the completion's extra field `swath`.
        measurements: what was measured for each part of the question, of an engine that measures;
            they travel in the completion's extra field `measurements`.
    """

    text: str
    finish_reason: FinishReason = "stop"
    usage: Usage | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    logprobs: Mapping[str, object] | None = None
    measurements: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer that comes bit by bit. The last one has a `finish_reason`."""

    text: str = ""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    logprobs: Mapping[str, object] | None = None
    measurements: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """Whether a question asked now would be answered; `cold` means: yes, after a start."""

    state: EngineState
    detail: str = ""


class Engine(Protocol):
    """Answers prompts.

    Attributes:
        name: the kind of engine, `measure` or `upstream`.
        model_id: the name that answers carry; None means the service's own model name.
        aliases: further model names that a request may ask for.
        lacks: parameters that it cannot honour; a request with one is refused before it is asked.
    """

    name: str
    model_id: str | None
    aliases: frozenset[str]
    lacks: frozenset[str]

    async def chat(self, prompt: Prompt) -> Reply:
        """Answers, or raises an `EngineError`. Cancelled, it stops the work."""
        ...

    def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        """The same answer piece by piece; closed early, it stops the work.

        Usage comes with the last piece. Raises an `EngineError` before or between pieces.
        """
        ...

    async def health(self) -> EngineHealth:
        """Never raises."""
        ...

    async def aclose(self) -> None:
        """Lets go of connections."""
        ...


async def in_one_piece(reply: Reply) -> AsyncGenerator[Delta, None]:
    """The stream of an engine that has its answer only as a whole."""
    yield Delta(
        reply.text,
        reply.finish_reason,
        reply.usage,
        reply.detail,
        reply.logprobs,
        reply.measurements,
    )


class EngineError(Exception):
    """An engine could not answer.

    EngineError
    ├── EngineRefused       the request itself is at fault (a 4xx of the upstream)
    ├── EngineBusy          try again later (429, 503), after `retry_after_s`
    ├── EngineTimeout       no answer in time
    └── EngineFailed        anything else, with what the upstream said
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.param = param


class EngineRefused(EngineError):
    """The upstream found the request at fault; asking again would not help."""


class EngineBusy(EngineError):
    """The upstream cannot take the request now."""


class EngineTimeout(EngineError):
    """The upstream did not answer in time."""


class EngineFailed(EngineError):
    """The upstream failed or answered something that is no completion."""
