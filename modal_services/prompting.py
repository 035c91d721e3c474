"""From a request on the wire to a prompt for an engine, its pictures fetched, checked, decoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio.to_thread

from imagery import Limits, Picture
from imagery.reference import Loaded
from modal_services.engine import Prompt, Sampling, Turn
from modal_services.errors import invalid
from modal_services.wire import (
    ChatRequest,
    ImagePart,
    ImageUrl,
    Message,
    ResponseFormat,
    StructuredOutputs,
    TextPart,
)

Load = Callable[[str, Limits], Awaitable[Loaded]]
Decode = Callable[[bytes, Limits], Awaitable[Picture]]
MAX_PICTURES = 8
LOW_DETAIL_PIXELS = 512 * 512  # as OpenAI's `detail: low`


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
    return Prompt(tuple(turns), _sampling(request), request.n)


def request_of(prompt: Prompt, model: str, max_pixels: int) -> ChatRequest:
    """The prompt as a request with every picture as a data: URI, so that it needs nobody else."""
    messages = [
        Message(role=turn.role, content=[_part(part, max_pixels) for part in turn.parts])
        for turn in prompt.turns
    ]
    sampling, shape = prompt.sampling, prompt.sampling.response_format
    return ChatRequest(
        model=model,
        messages=messages,
        n=prompt.answers,
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        frequency_penalty=sampling.frequency_penalty,
        presence_penalty=sampling.presence_penalty,
        seed=sampling.seed,
        stop=list(sampling.stop) or None,
        logprobs=sampling.logprobs,
        top_logprobs=sampling.top_logprobs,
        response_format=ResponseFormat.model_validate(shape) if shape else None,
        structured_outputs=StructuredOutputs(choice=list(sampling.choice))
        if sampling.choice
        else None,
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
            parts.append(await _picture(part.image_url, load, limits, decode))
        elif part.text.strip():
            parts.append(_sendable(part.text.strip()))
    return tuple(parts)


def _sendable(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        message = "The text has half characters (lone surrogates), which cannot be sent on."
        raise invalid(message, param="messages", code="bad_text")
    return text


async def _picture(image: ImageUrl, load: Load, limits: Limits, decode: Decode) -> Picture:
    loaded = await load(image.url, limits)
    picture = await decode(loaded.data, limits)
    if image.detail != "low":
        return picture
    return await anyio.to_thread.run_sync(_in_low_detail, picture, limits)


def _in_low_detail(picture: Picture, limits: Limits) -> Picture:
    from imagery.decode import decode  # noqa: PLC0415 - numpy and Pillow only when needed

    if picture.width_px * picture.height_px <= LOW_DETAIL_PIXELS:
        return picture
    small = decode(picture.encoded(LOW_DETAIL_PIXELS)[0], limits)
    scene_px = (picture.scene_width_px, picture.scene_height_px)
    return replace(picture, rgb=small.rgb, scene_px=scene_px)


async def load_public(reference: str, limits: Limits) -> Loaded:
    """A picture from an https URL or a data: URI; never from a file of this machine."""
    from imagery.reference import load  # noqa: PLC0415 - httpcore only when needed

    return await load(reference, limits)


def _sampling(request: ChatRequest) -> Sampling:
    stop, shape = request.stop or (), request.response_format
    choice = request.structured_outputs.choice if request.structured_outputs else None
    return Sampling(
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        frequency_penalty=request.frequency_penalty,
        presence_penalty=request.presence_penalty,
        seed=request.seed,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        logprobs=request.logprobs,
        top_logprobs=request.top_logprobs,
        response_format=None
        if shape is None or shape.type == "text"
        else shape.model_dump(exclude_none=True),
        choice=tuple(choice or request.guided_choice or ()),
    )
