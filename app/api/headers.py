"""The headers of every answer that keep a browser from doing more with it than is meant."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def secure(headers: MutableHeaders) -> None:
    """Adds them; a page that needs more than nothing brings its own policy."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("Cache-Control", "no-store")
