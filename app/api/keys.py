"""Access keys: who may use the API. Only their SHA-256 is ever stored."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "sk-swath-"


def new_key() -> str:
    """A new key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def setting_of(name: str, key: str) -> str:
    """What SWATH_API_KEYS takes for a key."""
    return f"{name}={sha256(key.encode()).hexdigest()}"


class Keys:
    """The keys that are let in.

    Args:
        settings: `name=sha256 of the key`; a name may have several, so that keys can be changed.
    """

    def __init__(self, settings: Iterable[str]) -> None:
        self._owners = [
            (name, bytes.fromhex(digest))
            for name, _, digest in (each.partition("=") for each in settings)
        ]

    def __bool__(self) -> bool:
        return bool(self._owners)

    def owner(self, authorization: Iterable[bytes]) -> str | None:
        """Whose key was sent in the Authorization headers; None: nobody's."""
        sent = list(authorization)
        scheme, _, key = (sent[0] if len(sent) == 1 else b"").partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        presented = sha256(key.strip()).digest()
        # Each one is compared, in constant time, so that time tells nothing.
        matches = [hmac.compare_digest(presented, digest) for _, digest in self._owners]
        return next((n for (n, _), good in zip(self._owners, matches, strict=True) if good), None)
