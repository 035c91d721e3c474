"""The HTTP contract of a service as models: what crosses the wire, and nothing else.

It is OpenAI's chat completions API with the job routes of the usage guide beside it. Unknown
extra fields are ignored, as OpenAI's own clients expect of servers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

CALL_ID = r"^fc-[A-Za-z0-9]{1,64}$"
MAX_ANSWERS = 4
FinishReason = Literal["stop", "length", "content_filter"]


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
    """One message of the conversation. Only an assistant's may have no content."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]

    @field_validator("content", mode="before")
    @classmethod
    def _nothing_said(cls, value: object, info: ValidationInfo) -> object:
        return "" if value is None and info.data.get("role") == "assistant" else value


class StreamOptions(Wire):
    """How a stream is made."""

    include_usage: bool = False


class ResponseFormat(Wire):
    """The form of the words; `json_schema` holds OpenAI's `{"name", "schema", "strict"}`."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: Mapping[str, Any] | None = Field(default=None, validate_default=True)

    @field_validator("json_schema")
    @classmethod
    def _with_a_schema(cls, value: Mapping[str, Any] | None, info: ValidationInfo) -> object:
        if info.data.get("type") == "json_schema" and not isinstance(
            (value or {}).get("schema"), Mapping
        ):
            raise ValueError("give {'name': ..., 'schema': {...}}")
        return value


class StructuredOutputs(Wire):
    """vLLM's own field, of which `choice` is taken: the answer is one of these."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    choice: list[str] = Field(min_length=1)


Stop = Annotated[str, Field(min_length=1)]


class ChatRequest(Wire):
    """The body of `POST /v1/chat/completions` and of `.../async`."""

    model: str = Field(min_length=1)
    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1, description="wins over the other")
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    n: int = Field(default=1, ge=1, le=MAX_ANSWERS)
    stream: bool = False
    stream_options: StreamOptions | None = None
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    response_format: ResponseFormat | None = None
    structured_outputs: StructuredOutputs | None = None
    guided_choice: list[str] | None = Field(
        default=None, min_length=1, description="an older spelling of structured_outputs.choice"
    )
    tools: None = None
    tool_choice: None = None
    functions: None = None
    function_call: None = None
    audio: None = None
    modalities: None = None
    logit_bias: None = None

    @field_validator("n", "stream", "logprobs", mode="before")
    @classmethod
    def _null_is_the_default(cls, value: object, info: ValidationInfo) -> object:
        return {"n": 1}.get(str(info.field_name), False) if value is None else value

    @field_validator("stream_options", "top_logprobs")
    @classmethod
    def _only_with(cls, value: object, info: ValidationInfo) -> object:
        needed = {"stream_options": "stream", "top_logprobs": "logprobs"}[str(info.field_name)]
        if value is not None and not info.data.get(needed):
            raise ValueError(f"needs {needed}: true")
        return value

    @field_validator(
        "tools", "tool_choice", "functions", "function_call", "audio", "modalities", "logit_bias",
        mode="before",
    )  # fmt: skip
    @classmethod
    def _not_here(cls, value: object, info: ValidationInfo) -> None:
        if value in (None, [], {}, "none", ["text"]):
            return
        message = "`{name}` is not supported by this service"
        raise PydanticCustomError("unsupported_parameter", message, {"name": info.field_name})


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
    logprobs: Mapping[str, Any] | None = None
    finish_reason: FinishReason = "stop"


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
        description="What OpenAI's shape has no place for: the engine and its method.",
    )
    measurements: list[Mapping[str, Any]] | None = Field(
        default=None,
        description="Of an engine that measures: for each part of the question its intent, value, "
        "unit, range, method, confidence (measured precision) and mask.",
    )


class JobTicket(Wire):
    """The body of a submitted job, of one that is not done yet, and of one that was cancelled."""

    call_id: str = Field(pattern=CALL_ID)
    status: Literal["pending", "cancelled"] = "pending"
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
