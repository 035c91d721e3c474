"""What an engine is: something that answers a prompt about pictures.

An engine knows nothing of HTTP. The front (`modal_services.api`) has already checked the request
and turned every picture into 8-bit RGB before an engine sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from imagery import Picture

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
    """How the words are drawn; None leaves the engine's default."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request: the conversation so far and how to answer it."""

    turns: tuple[Turn, ...]
    sampling: Sampling = field(default_factory=Sampling)

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
        detail: what else is known of the answer (method, evidence, whether it was answered at
            all); JSON types only. It travels in the completion's extra field `swath`.
    """

    text: str
    finish_reason: Literal["stop", "length", "content_filter"] = "stop"
    usage: Usage | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


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
    """

    name: str
    model_id: str | None
    aliases: frozenset[str]

    async def chat(self, prompt: Prompt) -> Reply:
        """Answers, or raises an `EngineError`."""
        ...

    async def health(self) -> EngineHealth:
        """Never raises."""
        ...

    async def aclose(self) -> None:
        """Lets go of connections."""
        ...


class EngineError(Exception):
    """An engine could not answer.

    EngineError
    ├── EngineRefused       the request itself is at fault (a 4xx of the upstream)
    ├── EngineBusy          try again later (429, 503), after `retry_after_s`
    ├── EngineTimeout       no answer in time
    └── EngineFailed        anything else, with what the upstream said
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EngineRefused(EngineError):
    """The upstream found the request at fault; asking again would not help."""


class EngineBusy(EngineError):
    """The upstream cannot take the request now."""


class EngineTimeout(EngineError):
    """The upstream did not answer in time."""


class EngineFailed(EngineError):
    """The upstream failed or answered something that is no completion."""
