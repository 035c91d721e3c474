"""The state of what a turn needs. Asking wakes no model and costs no question."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio.to_thread

from app.errors import DatabaseTrouble
from app.services.modal_client import ModalServiceClient
from app.services.threads import Threads
from imagery import ImageNotFound
from imagery.store import ImageStore

NOBODYS = "0" * 64
TIMEOUT_S = 5


async def health_of(
    vision: ModalServiceClient, threads: Threads, images: ImageStore
) -> dict[str, dict[str, Any]]:
    """Each part with its `state`: ready, cold (a model that starts when it is asked) or down."""
    vqa, captioning, database, pictures = await asyncio.gather(
        vision.health("vqa"), vision.health("captioning"), _database(threads), _pictures(images)
    )
    return {"vqa": vqa, "captioning": captioning, "database": database, "images": pictures}


async def _database(threads: Threads) -> dict[str, Any]:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await threads.ledger.first_open("health")
    except DatabaseTrouble as error:
        return {"state": "down", "detail": str(error)}
    except TimeoutError:
        return {"state": "down", "detail": "no answer in time"}
    return {"state": "ready"}


async def _pictures(images: ImageStore) -> dict[str, Any]:
    """Whether the store can be read, and on a local disk how much room it has."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await anyio.to_thread.run_sync(_asked, images, abandon_on_cancel=True)
    except (OSError, TimeoutError) as error:
        return {"state": "down", "detail": type(error).__name__}
    return {"state": "ready"}


def _asked(images: ImageStore) -> None:
    try:
        images.ref(NOBODYS)
    except ImageNotFound:
        return
