"""What an agent is made of, and what it does beside turns: pictures, transcripts, health."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread

from app.errors import DatabaseTrouble
from app.keeping import keep_opened, keep_reference
from app.orchestrator import Graph
from app.services.modal_client import ModalServiceClient
from app.services.threads import Threads
from app.services.threads.transcript import Message
from app.settings import Settings
from app.turn_queue import TurnQueue
from imagery import ImageRef
from imagery.opening import Opened
from imagery.reading import PLAIN, Reading
from imagery.store import ImageStore


@dataclass
class AgentParts:
    """The parts; `files` says whether a picture may be named by its path on this machine."""

    graph: Graph
    images: ImageStore
    vision: ModalServiceClient
    settings: Settings
    threads: Threads
    files: bool = False
    turns: TurnQueue = field(init=False)

    def __post_init__(self) -> None:
        """Makes the queue of turns."""
        self.turns = TurnQueue(self.threads, self.settings.resume_within)

    async def keep_image(
        self, reference: str, reading: Reading = PLAIN, *, files: bool = False
    ) -> ImageRef:
        """A picture's reference (https URL, data: URI, image id, or path) as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        limits = self.settings.image_limits
        return await keep_reference(self.images, reference, limits, reading, files=files)

    async def keep_bytes(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:
        """A picture's bytes as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        return await keep_opened(self.images, Opened(data, source, reading))

    async def transcript(self, thread_id: str, after: int = 0, limit: int = 100) -> list[Message]:
        """What was said in a thread, after a sequence number; at most 1,000 messages at once."""
        return await self.threads.transcript.read(thread_id, after, limit)

    async def picture(self, image_id: str) -> tuple[bytes, str]:
        """A stored picture as a model sees it, and its media type.

        Raises:
            imagery.ImageNotFound: there is none of that id.
        """
        return await anyio.to_thread.run_sync(self.images.picture, image_id)

    async def health(self) -> dict[str, dict[str, Any]]:
        """The state of what a turn needs: both services and the threads' database."""
        vqa, captioning = await asyncio.gather(
            self.vision.health("vqa"), self.vision.health("captioning")
        )
        return {"vqa": vqa, "captioning": captioning, "database": await self._database()}

    async def _database(self) -> dict[str, Any]:
        try:
            await self.threads.ledger.first_open("health")
        except DatabaseTrouble as error:
            return {"state": "down", "detail": str(error)}
        return {"state": "ready"}
