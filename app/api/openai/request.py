"""What an OpenAI client asks: the words, the picture, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from app.once import Earlier
from modal_services.errors import Problem, ServiceError, invalid
from modal_services.wire import ChatRequest, ImagePart, Message, TextPart

MODEL = "swath-agent"
MOST_INSTRUCTIONS = 2000  # characters
MOST_EARLIER = 4000  # characters of one earlier message
MOST_MESSAGES = 1000
CREATED = 1_760_000_000


class AgentRequest(ChatRequest):
    """The body of `POST /v1/chat/completions`.

    How a model writes (`temperature`, `max_tokens`, `stop`, ...) is the agent's own to say: such
    parameters are taken and have no effect. Those that would change the answer's form are refused.
    """

    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    top_p: float | None = Field(default=None, ge=0, le=1)  # OpenAI takes 0, vLLM does not
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is asked now, and what was said before it.

    Attributes:
        message: the user's last words.
        own_image: the picture that came with them.
        image: the picture that they are about.
        instructions: the system messages, as much as is passed on.
    """

    message: str
    own_image: str | None
    image: str | None
    earlier: tuple[Earlier, ...]
    instructions: str


def conversation_of(asked: AgentRequest) -> Conversation:
    """The conversation of a request.

    Raises:
        ServiceError: there is no question at its end, or one that the agent cannot be asked.
    """
    _check(asked)
    said = [one for one in asked.messages if one.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise invalid("The last message must be the user's.", param="messages")
    *before, last = said
    images = [_image(one) for one in said if one.role == "user"]
    image = next((one for one in reversed(images) if one), None)
    system = [one for one in asked.messages if one.role in ("system", "developer")]
    return Conversation(
        message=_words(last),
        own_image=images[-1],
        image=image,
        earlier=_earlier(before, image),
        instructions="\n".join(map(_words, system)).strip()[:MOST_INSTRUCTIONS],
    )


def thread_of(asked: AgentRequest, header: str | None) -> str | None:
    """The thread that the client names."""
    named = header or (asked.metadata or {}).get("thread_id")
    if named is not None and not isinstance(named, str):
        raise invalid("metadata.thread_id is a string.", param="metadata")
    return named or None


def _check(asked: AgentRequest) -> None:
    if asked.model != MODEL:
        message = f"The model `{asked.model[:64]}` does not exist. This server has `{MODEL}`."
        kind = "invalid_request_error"
        raise ServiceError(Problem(404, message, kind, "model_not_found", "model"))
    form = asked.response_format.type if asked.response_format else "text"
    refused = {
        "n": asked.n > 1,
        "logprobs": asked.logprobs,
        "response_format": form != "text",
        "structured_outputs": asked.structured_outputs is not None,
        "guided_choice": asked.guided_choice is not None,
    }
    for name, asks in refused.items():
        if asks:
            message = f"`{name}` is not supported by `{MODEL}`."
            raise invalid(message, param=name, code="unsupported_parameter")


def _words(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n".join(part.text for part in message.content if isinstance(part, TextPart))


def _image(message: Message) -> str | None:
    if isinstance(message.content, str):
        return None
    found = [part.image_url.url for part in message.content if isinstance(part, ImagePart)]
    if len(found) > 1:
        text = "A message may have one image; send the others in messages of their own."
        raise invalid(text, param="messages", code="too_many_images")
    return found[0] if found else None


def _earlier(said: list[Message], image: str | None) -> tuple[Earlier, ...]:
    """Earlier messages, each with whether it was about the picture that is asked about now."""
    about: str | None = None
    found = []
    for one in said:
        user = one.role == "user"
        about = (_image(one) if user else None) or about
        found.append(Earlier(_words(one)[:MOST_EARLIER], user, about == image))
    return tuple(found)
