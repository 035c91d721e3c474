"""What an agent is made of, and what it does beside turns: pictures, transcripts, health."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass, field
from typing import Any, Self

import anyio
import anyio.to_thread

from app.health import health_of
from app.keeping import keep_opened, keep_reference
from app.listening import Listener, Nobody
from app.log_entries import clean
from app.orchestrator import Graph
from app.owners import stored_thread
from app.services.modal_client import ModalServiceClient
from app.services.threads import Threads
from app.services.threads.transcript import Message
from app.settings import Settings
from app.turn_queue import TurnQueue
from imagery import ImageRef
from imagery.opening import Opened
from imagery.reading import PLAIN, Reading
from imagery.store import ImageStore

AHEAD = 2  # pictures that are hashed or written while others are read


@dataclass
class AgentParts:
    """The parts. An agent is its `owner`'s; `of` gives another's view.

    `files` says whether a picture may be named by its path on this machine.
    """

    graph: Graph
    images: ImageStore
    vision: ModalServiceClient
    settings: Settings
    threads: Threads
    files: bool = False
    owner: str | None = None
    listener: Listener = field(default_factory=Nobody)
    turns: TurnQueue = field(init=False)
    places: anyio.CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        """Makes the queue of turns, and places for reading pictures.

        The threads that all else shares are not for those who wait for a picture to be read.
        """
        readers = max(self.settings.decode_workers, os.cpu_count() or 1)
        self.places = anyio.CapacityLimiter(readers + AHEAD)
        self.turns = TurnQueue(self.threads, self.settings.resume_within)

    def of(self, owner: str) -> Self:
        """The same agent as it is for an owner: with its own threads, turns and pictures."""
        view = copy.copy(self)
        view.owner, view.images = owner, self.images.within(owner)
        return view

    async def keep_image(
        self, reference: str, reading: Reading = PLAIN, *, files: bool = False
    ) -> ImageRef:
        """A picture's reference (https URL, data: URI, image id, or path) as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        keeper = (self.images, self.listener, self.places)
        return await keep_reference(keeper, reference, reading, files=files)

    async def keep_bytes(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:
        """A picture's bytes as one in the store.

        Raises:
            imagery.ImageryError: the picture cannot be taken.
        """
        keeper = (self.images, self.listener, self.places)
        return await keep_opened(keeper, Opened(data, source, reading))

    async def transcript(self, thread_id: str, after: int = 0, limit: int = 100) -> list[Message]:
        """What was said in a thread, after a sequence number; at most 1,000 messages at once."""
        stored = stored_thread(self.owner, thread_id)
        return await self.threads.transcript.read(stored, after, limit)

    async def picture(self, image_id: str) -> tuple[bytes, str]:
        """A stored picture as a model sees it, and its media type.

        Raises:
            imagery.ImageNotFound: there is none of that id.
        """
        return await anyio.to_thread.run_sync(self.images.picture, image_id)

    async def health(self) -> dict[str, dict[str, Any]]:
        """The state of what a turn needs: both services, the threads' database, the pictures."""
        parts = await health_of(self.vision, self.threads, self.images)
        secrets = self.settings.secrets  # which a service may repeat in its own words
        return {
            name: {key: clean(value, secrets) for key, value in part.items()}
            for name, part in parts.items()
        }
