"""How a command reads pictures: in one process beside it, and with more patience than a server."""

from __future__ import annotations

from app.settings import Settings

# A scene of a gigapixel without overviews is read in ten seconds, from a slow disk in a minute.
TIMES_A_SERVERS = 6


def for_one_person(settings: Settings) -> Settings:
    """The settings for a command that reads its own user's files one after the other."""
    patience_s = TIMES_A_SERVERS * settings.decode_timeout
    return settings.model_copy(update={"decode_workers": 1, "decode_timeout": patience_s})
