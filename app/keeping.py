"""Pictures into the store, wherever they come from."""

from __future__ import annotations

import re
from pathlib import Path

import anyio
import anyio.to_thread

from app.listening import Listener
from imagery import ImageRef
from imagery.opening import Opened, open_reference
from imagery.reading import Reading
from imagery.store import ImageStore

# The places are how many are read at a time; None: as many as there are threads for anything.
Keeper = tuple[ImageStore, Listener, anyio.CapacityLimiter | None]


async def keep_reference(
    keeper: Keeper, reference: str, reading: Reading, *, files: bool
) -> ImageRef:
    """An https URL, a data: URI, an image id, or with `files` a path, as one in the store.

    Raises:
        imagery.ImageryError: the picture cannot be taken.
    """
    if re.fullmatch(r"(sha256:)?[0-9a-f]{64}", reference):
        return await anyio.to_thread.run_sync(keeper[0].ref, reference)
    limits = keeper[0].limits
    return await keep_opened(keeper, await open_reference(reference, limits, reading, files=files))


async def keep_opened(keeper: Keeper, opened: Opened) -> ImageRef:
    """What was opened, in the store.

    Raises:
        imagery.ImageryError: the picture cannot be taken.
    """
    # Abandoned, so that Ctrl-C does not wait for a picture: the pool ends reading it.
    images, listener, places = keeper
    ref = await anyio.to_thread.run_sync(
        _put, images, opened, abandon_on_cancel=True, limiter=places
    )
    listener.image(ref.mime, ref.bytes)
    return ref


def _put(images: ImageStore, opened: Opened) -> ImageRef:
    data, source, reading = opened.data, opened.source, opened.reading
    if isinstance(data, Path):
        return images.put_raster(data, source, reading)
    return images.put(data, source, reading)
