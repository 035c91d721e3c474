"""Jobs: submit now, ask later. What may be known of one, and what keeps them."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from modal_services.wire import CALL_ID, ChatCompletion, ChatRequest


@dataclass(frozen=True, slots=True)
class Done:
    """The job ended well."""

    completion: ChatCompletion


@dataclass(frozen=True, slots=True)
class Pending:
    """The job waits or runs."""


@dataclass(frozen=True, slots=True)
class Missing:
    """No such job: never submitted, expired, or no job id at all."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended badly.

    Attributes:
        error: what went wrong, for people.
        traceback: for developers; may be empty.
        status: the HTTP status that the same fault has on the synchronous route.
    """

    error: str
    traceback: str = ""
    status: int = 500


Outcome = Done | Pending | Missing | Failed
Cancellation = Literal["cancelled", "ended", "missing"]
"""What came of a wish to cancel: done, too late, or there is no such job."""
CANCELLED = Failed("The job was cancelled.")
Run = Callable[[ChatRequest], Awaitable[Done | Failed]]
"""Answers one request. Never raises: a failure is a `Failed`."""


class QueueFull(Exception):
    """As many jobs wait as the store takes."""


class JobStore(Protocol):
    """Keeps jobs. Finished ones can be asked for again until they expire (7 days)."""

    async def submit(self, request: ChatRequest, key: str = "") -> str:
        """Stores the request and returns its call id.

        Args:
            request: what is asked.
            key: the caller's own name for it; the same request sent again with its key is the same
                job, where the store can tell.

        Raises:
            QueueFull: too many jobs wait.
        """
        ...

    async def outcome(self, call_id: str) -> Outcome:
        """What is known of the job; any string may be asked for."""
        ...

    async def cancel(self, call_id: str) -> Cancellation:
        """Ends a job that has not ended: it fails as cancelled, and its work stops."""
        ...

    def working(self, run: Run) -> AbstractAsyncContextManager[None]:
        """While entered, submitted jobs are run."""
        ...


def new_call_id() -> str:
    """An id that cannot be guessed: it is all that protects a result (144 bits)."""
    return "fc-" + secrets.token_hex(18)


def call_id_for(key: str, request: ChatRequest) -> str:
    """The id of a request that is sent with a key: the same for the same request.

    It can be guessed only by someone who knows both, the picture to the last byte.
    """
    named = f"{key}\n{request.model_dump_json()}".encode()
    return "fc-" + hashlib.sha256(named).hexdigest()[:36]


def is_call_id(text: str) -> bool:
    """Whether the text has the spelling of a call id; nothing else is ever looked up."""
    return re.fullmatch(CALL_ID, text) is not None
