"""The HTTP contract of a service as models: what crosses the wire, and nothing else.

It is OpenAI's chat completions API with the job routes of the usage guide beside it. Unknown
extra fields are ignored, as OpenAI's own clients expect of servers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

CALL_ID = r"^fc-[A-Za-z0-9]{1,64}$"


class Wire(BaseModel):
    """Base of all: frozen, and extra fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ImageUrl(Wire):
    """Where a picture is: an https URL or a data: URI."""

    url: str = Field(min_length=1)
    detail: Literal["auto", "low", "high", "original"] = "auto"


class TextPart(Wire):
    """Words."""

    type: Literal["text"]
    text: str


class ImagePart(Wire):
    """A picture. A bare string is taken for `{"url": ...}`, since some servers' guides use it."""

    type: Literal["image_url"]
    image_url: ImageUrl

    @field_validator("image_url", mode="before")
    @classmethod
    def _bare_string(cls, value: object) -> object:
        return {"url": value} if isinstance(value, str) else value


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Message(Wire):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]


class ChatRequest(Wire):
    """The body of `POST /v1/chat/completions` and of `.../async`."""

    model: str = Field(min_length=1)
    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    n: Literal[1] = 1
    stream: Literal[False] = False

    @field_validator("n", mode="before")
    @classmethod
    def _n_none(cls, value: object) -> object:
        return 1 if value is None else value

    @field_validator("stream", mode="before")
    @classmethod
    def _stream_none(cls, value: object) -> object:
        return False if value is None else value


class UsageBody(Wire):
    """Tokens as the engine counted them."""

    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    total_tokens: int = Field(ge=0)


class AssistantMessage(Wire):
    """The answer's words."""

    role: Literal["assistant"] = "assistant"
    content: str


class Choice(Wire):
    """One answer."""

    index: int = 0
    message: AssistantMessage
    finish_reason: Literal["stop", "length", "content_filter"] = "stop"


class ChatCompletion(Wire):
    """The body of an answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice] = Field(min_length=1)
    usage: UsageBody | None = Field(default=None, description="null: the engine tells none")
    swath: Mapping[str, Any] = Field(
        default_factory=dict,
        description="What OpenAI's shape has no place for: the engine, its method and evidence.",
    )


class JobTicket(Wire):
    """The body of a submitted job, and of one that is not done yet."""

    call_id: str = Field(pattern=CALL_ID)
    status: Literal["pending"] = "pending"
    model: str


class Health(Wire):
    """The body of `GET /health`."""

    status: Literal["ok"] = "ok"
    model: str
    engine: str = Field(description="the kind of engine: measure or upstream")
    state: Literal["ready", "cold", "down"]
    detail: str = ""


class ModelCard(Wire):
    """One served model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "swath"


class ModelList(Wire):
    """The body of `GET /v1/models`."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class ErrorDetail(Wire):
    """What was wrong, in OpenAI's shape."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(Wire):
    """The body of every error but the job status route's."""

    error: ErrorDetail


class JobErrorBody(Wire):
    """The body of an error on the job status route: the usage guide's shape."""

    error: str
    traceback: str | None = None
