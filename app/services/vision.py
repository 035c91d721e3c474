"""What the agent's nodes need of a vision service, whoever stands behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired, Protocol, final

from typing_extensions import TypedDict

Service = Literal["vqa", "captioning"]
History = Sequence[tuple[Literal["user", "assistant"], str]]
"""What was said of the picture before, oldest first and the user first; words only."""
ProgressKind = Literal["attempt", "retry", "cold", "queued", "job"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that happened on the way to an answer.

    Attributes:
        service: which service is waited for.
        kind: for programs.
        message: a sentence for people.
        wait_s: how long nothing will happen now, or has not happened already.
    """

    service: Service
    kind: ProgressKind
    message: str
    wait_s: float = 0


OnProgress = Callable[[Progress], None]
OnSubmitted = Callable[[str], Awaitable[None]]


def unheard(_event: Progress) -> None:
    """Nobody listens."""


class Reply(TypedDict):
    """What every answer of a service tells beside its words; `logprobs` in OpenAI's form."""

    model: str
    engine: str
    attempts: int
    usage: NotRequired[Mapping[str, int]]
    detail: NotRequired[Mapping[str, object]]
    logprobs: NotRequired[Mapping[str, object]]


@final
class VqaReply(Reply):
    """An answer to a question; `confidence` only where the service measured one."""

    answer: str
    vqa_type: NotRequired[str]
    confidence: NotRequired[float]


@final
class CaptionReply(Reply):
    """A description."""

    caption: str


class Vision(Protocol):
    """Answers questions about pictures and describes them.

    `image_url` is a data: URI or an https URL; both methods raise `app.errors.VisionError`.

    `on_progress` hears of what the caller waits for. A long question may go as a job:
    `on_submitted` is awaited with its id before it is asked about, and `call_id` names a job that
    was submitted for the same question before, so that it is not submitted again. `submit_key`
    names a job before it has an id, so that a service that knows keys begins it once.

    `history` is what was said of the picture before. `probabilities` asks for those of the answer's
    tokens, which only a model (`is_vlm`) has.
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
        """Asks the VQA service."""
        ...

    async def call_captioning(
        self,
        image_url: str,
        prompt: str = "Describe this satellite image in detail.",
        max_tokens: int = 512,
        temperature: float = 0.7,
        *,
        history: History = (),
        call_id: str | None = None,
        on_progress: OnProgress = unheard,
        on_submitted: OnSubmitted | None = None,
        submit_key: str = "",
    ) -> CaptionReply:
        """Asks the captioning service."""
        ...

    def stream_vqa(
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
        """The answer in pieces, and at the end the whole reply; closed early, the server stops."""
        ...

    def stream_captioning(
        self,
        image_url: str,
        prompt: str = "Describe this satellite image in detail.",
        max_tokens: int = 512,
        temperature: float = 0.7,
        *,
        history: History = (),
        on_progress: OnProgress = unheard,
    ) -> AsyncGenerator[str | CaptionReply]:
        """The description in pieces, and at the end the whole reply."""
        ...

    async def is_vlm(self, service: Service) -> bool:
        """Whether a vision-language model stands behind the service."""
        ...

    async def choose(self, prompt: str, choices: Sequence[str]) -> str:
        """One of the choices, by the VQA service's model and from words alone."""
        ...
