"""Who hears of what an agent does: metrics, for one. Nothing that is heard holds a picture."""

from __future__ import annotations

from typing import Protocol

from app.turn import Turn


class Listener(Protocol):
    """Hears of turns that were run to their end, and of pictures that were kept."""

    def turn(self, turn: Turn) -> None:
        """A turn was answered, refused, or failed."""
        ...

    def image(self, mime: str, size_bytes: int) -> None:
        """A picture was put into the store, or was there already."""
        ...


class Nobody:
    """A listener that does not."""

    def turn(self, turn: Turn) -> None:
        """Nothing."""

    def image(self, mime: str, size_bytes: int) -> None:
        """Nothing."""
