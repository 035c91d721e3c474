"""Whose a thread is. Every access key is an owner, and sees nothing of another one's.

The database keeps an owner's threads and idempotency keys under names of their own:

    stored_thread("acme", "harbor")  "acme:harbor"
    stored_thread("", "harbor")      "harbor": where no keys are asked for
    stored_thread(None, name)        the name as it is stored: the operator, on the command line

No id that a caller may choose has a colon, and no key a blank, so that no name reaches into
another owner's. Pictures are kept in a folder an owner (`imagery.store.ImageStore.within`).
"""

from __future__ import annotations

import re

from app.errors import ThreadNotFound

THREAD_ID = r"[A-Za-z0-9_-]{1,64}"


def stored_thread(owner: str | None, thread_id: str) -> str:
    """The name under which an owner's thread is stored.

    Raises:
        ThreadNotFound: that can be no id of a thread, so there is none.
    """
    if owner is None:
        return thread_id
    if not re.fullmatch(THREAD_ID, thread_id):
        raise no_thread(thread_id)
    return f"{owner}:{thread_id}" if owner else thread_id


def shown_thread(stored: str) -> str:
    """The id of a thread as its owner knows it."""
    return stored.rpartition(":")[2]


def owner_of(stored: str) -> str:
    """The owner of a stored thread; empty where no keys were asked for."""
    return stored.rpartition(":")[0]


def stored_key(owner: str | None, key: str) -> str:
    """The name under which an owner's idempotency key is stored."""
    return f"{owner} {key}" if owner else key


def no_thread(thread_id: str) -> ThreadNotFound:
    """The one answer for threads that are not there and for those of others."""
    printable = "".join(c for c in shown_thread(thread_id) if c.isprintable())
    return ThreadNotFound(f"There is no thread {printable[:64]!r}.")
