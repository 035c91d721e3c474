"""From a message to what it asks for."""

from app.routing.rules import route

__all__ = ["route"]
