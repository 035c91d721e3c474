"""From a request on the wire to a prompt for an engine, its pictures fetched, checked, decoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio.to_thread

from imagery import Limits, Picture
from imagery.reference import Loaded
from modal_services.engine import Prompt, Sampling, Turn
from modal_services.errors import invalid
from modal_services.wire import ChatRequest, ImagePart, ImageUrl, Message, TextPart

Load = Callable[[str, Limits], Awaitable[Loaded]]
Decode = Callable[[bytes, Limits], Awaitable[Picture]]
MAX_PICTURES = 8


async def decode_in_thread(data: bytes, limits: Limits) -> Picture:
    """Decodes beside the event loop, for callers that have no `imagery.pool.DecodePool`."""
    from imagery.decode import decode  # noqa: PLC0415 - numpy and Pillow only when needed

    return await anyio.to_thread.run_sync(decode, data, limits)


async def prompt_of(
    request: ChatRequest, load: Load, limits: Limits, decode: Decode = decode_in_thread
) -> Prompt:
    """The request as an engine gets it.

    Raises:
        ServiceError: there is nothing to answer, or too many pictures.
        imagery.ImageryError: a picture cannot be taken.
    """
    pictures = sum(isinstance(part, ImagePart) for m in request.messages for part in _parts(m))
    if pictures > MAX_PICTURES:
        message = f"{pictures} pictures are too many: at most {MAX_PICTURES} are taken."
        raise invalid(message, param="messages", code="too_many_images")
    turns = [
        Turn(said.role, await _parts_of(said, load, limits, decode)) for said in request.messages
    ]
    if not any(turn.role == "user" and any(turn.parts) for turn in turns):
        message = "There is no question: no user message has any text or picture."
        raise invalid(message, param="messages", code="empty_question")
    return Prompt(tuple(turns), _sampling(request))


def request_of(prompt: Prompt, model: str, max_pixels: int) -> ChatRequest:
    """The prompt as a request with every picture as a data: URI, so that it needs nobody else."""
    messages = [
        Message(role=turn.role, content=[_part(part, max_pixels) for part in turn.parts])
        for turn in prompt.turns
    ]
    sampling = prompt.sampling
    return ChatRequest(
        model=model,
        messages=messages,
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        seed=sampling.seed,
        stop=list(sampling.stop) or None,
    )


def _part(part: str | Picture, max_pixels: int) -> TextPart | ImagePart:
    if isinstance(part, str):
        return TextPart(type="text", text=part)
    return ImagePart(type="image_url", image_url=ImageUrl(url=part.data_uri(max_pixels)))


def _parts(message: Message) -> list[TextPart | ImagePart]:
    if isinstance(message.content, str):
        return [TextPart(type="text", text=message.content)]
    return message.content


async def _parts_of(
    message: Message, load: Load, limits: Limits, decode: Decode
) -> tuple[str | Picture, ...]:
    parts: list[str | Picture] = []
    for part in _parts(message):
        if isinstance(part, ImagePart):
            loaded = await load(part.image_url.url, limits)
            parts.append(await decode(loaded.data, limits))
        elif part.text.strip():
            parts.append(_sendable(part.text.strip()))
    return tuple(parts)


def _sendable(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        message = "The text has half characters (lone surrogates), which cannot be sent on."
        raise invalid(message, param="messages", code="bad_text")
    return text


async def load_public(reference: str, limits: Limits) -> Loaded:
    """A picture from an https URL or a data: URI; never from a file of this machine."""
    from imagery.reference import load  # noqa: PLC0415 - httpcore only when needed

    return await load(reference, limits)


def _sampling(request: ChatRequest) -> Sampling:
    stop = request.stop or ()
    return Sampling(
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        seed=request.seed,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
    )
