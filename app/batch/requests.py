"""Chat requests of a batch, as OpenAI's batch files hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.batch.pictures import Pictures
from app.services.vision import Service

REMOTE = ("data:", "http://", "https://")


def served_by(body: Mapping[str, Any], models: Mapping[str, str]) -> Service:
    """The service that a request is for, by the model it names; the VQA service for any other."""
    return "captioning" if models.get(str(body.get("model"))) == "captioning" else "vqa"


async def with_pictures(body: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
    """The request with every picture that is a path of this machine as a data: URI.

    Raises:
        imagery.ImageryError: a picture cannot be taken.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        return dict(body)
    return {**body, "messages": [await _message(each, pictures) for each in messages]}


async def _message(message: Any, pictures: Pictures) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    return {**message, "content": [await _part(part, pictures) for part in content]}


async def _part(part: Any, pictures: Pictures) -> Any:
    url = image_in(part)
    if url is None or url.startswith(REMOTE):
        return part
    ref = await pictures.keep(url)
    return {"type": "image_url", "image_url": {"url": pictures.shelf.data_uri(ref.sha256)}}


def image_in(part: Any) -> str | None:
    """The address of a picture in a part of a message."""
    if not isinstance(part, dict) or part.get("type") != "image_url":
        return None
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    return url if isinstance(url, str) else None


def first_image(body: Mapping[str, Any]) -> str | None:
    """The address of a request's first picture."""
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else ():
            if url := image_in(part):
                return url
    return None
