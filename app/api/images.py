"""Pictures: keep one, ask about it later by its id, see it, and what is known of it."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from app.api.dependencies import CurrentAgent
from app.errors import BadRequest
from imagery import ImageRef
from imagery.encode import preview
from imagery.reading import Reading

router = APIRouter(tags=["images"])


class StoredImage(BaseModel):
    """A stored picture: `id` is what the chat takes as `image`."""

    id: str
    image: ImageRef


BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("/api/images", status_code=201, openapi_extra=BODY)
async def upload(request: Request, agent: CurrentAgent) -> StoredImage:
    """Stores a picture, sent as the form field `file` or as the bare body.

    The same picture sent twice is stored once and has one id.
    """
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form(max_files=1) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise BadRequest("The form has no file: send the picture as the field `file`.")
            data, source = await file.read(), _name(file.filename)
    else:
        data, source = await request.body(), "upload"
    ref = await agent.keep_bytes(data, source, Reading(name=source.removeprefix("upload:")))
    return StoredImage(id=ref.url, image=ref)


@router.get("/api/images/{image_id}", response_class=Response)
async def picture(image_id: str, agent: CurrentAgent) -> Response:
    """The picture as a model sees it: upright, 8-bit RGB, without metadata."""
    data, mime = await agent.picture(image_id)
    return Response(data, media_type=mime, headers={"X-Content-Type-Options": "nosniff"})


class ImageFacts(BaseModel):
    """What is known of a stored picture; `warnings` are what a raster's facts warn of."""

    id: str
    image: ImageRef
    warnings: tuple[str, ...]


@router.get("/api/images/{image_id}/facts")
async def facts(image_id: str, agent: CurrentAgent) -> ImageFacts:
    """Size, format, and of a raster its bands, CRS, metres per pixel, place and cover."""
    ref = await anyio.to_thread.run_sync(agent.images.ref, image_id)
    return ImageFacts(id=ref.url, image=ref, warnings=ref.warnings)


@router.get("/api/images/{image_id}/preview", response_class=Response)
async def small(
    image_id: str,
    agent: CurrentAgent,
    max_side: Annotated[int, Query(ge=16, le=1024, description="pixels of the longer side")] = 256,
) -> Response:
    """The picture no larger than asked, as PNG. A mask that an answer names has one too."""
    data, _ = await agent.picture(image_id)
    found = await anyio.to_thread.run_sync(preview, data, max_side)
    return Response(found, media_type="image/png", headers={"X-Content-Type-Options": "nosniff"})


def _name(filename: str | None) -> str:
    base = (filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in base if character.isprintable())
    return f"upload:{printable[:100]}" if printable else "upload"
