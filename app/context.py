"""What the nodes of a run may use. Passed per run, so that nothing does I/O at import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.services.job_notes import JobNotes, NoNotes
from app.services.vision import OnProgress, Vision, unheard
from imagery.store import ImageStore


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AgentContext:
    """What a run is given.

    Attributes:
        vision: the services.
        images: the pictures.
        now: the clock.
        on_progress: hears of slow services.
        jobs: the turn's.
        streams: whether someone listens, so that answers are asked for in pieces.
        secrets: what must not stand in a log or an answer, whoever repeats it.
    """

    vision: Vision
    images: ImageStore
    now: Callable[[], datetime] = utc_now
    on_progress: OnProgress = unheard
    jobs: JobNotes = field(default_factory=NoNotes)
    streams: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)
