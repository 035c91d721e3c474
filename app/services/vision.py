"""What the agent's nodes need of a vision service, whoever stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, Protocol, final

from typing_extensions import TypedDict

Service = Literal["vqa", "captioning"]


class Reply(TypedDict):
    """What every answer of a service tells beside its words."""

    model: str
    engine: str
    attempts: int
    usage: NotRequired[Mapping[str, int]]
    detail: NotRequired[Mapping[str, object]]


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
    """

    async def call_vqa(
        self,
        image_url: str | None,
        query: str,
        vqa_type: str | None = None,
        max_tokens: int = 128,
        temperature: float = 0.0,
    ) -> VqaReply:
        """Asks the VQA service."""
        ...

    async def call_captioning(
        self,
        image_url: str,
        prompt: str = "Describe this satellite image in detail.",
        max_tokens: int = 512,
        temperature: float = 0.7,
    ) -> CaptionReply:
        """Asks the captioning service."""
        ...
