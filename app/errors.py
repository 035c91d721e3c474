"""What can go wrong in the agent, and what the caller is told.

SwathError
├── BadRequest            the caller's words: empty, too long, an unusable thread id
├── ThreadNotFound        no such thread
├── TurnNotFound          no such turn in the thread
├── CheckpointNotFound    no such checkpoint, or none of single steps was kept
├── ThreadBusy            a turn of the thread runs, and the caller would not wait
│   ├── TurnRunning       it is the very turn that was sent again
│   └── TurnElsewhere     the turn runs where it cannot be cancelled
├── KeyReused             the key belongs to another request
├── TurnCancelled         the turn was cancelled while others waited for it
├── TurnLost              the turn ended without an answer, by a fault of ours or a crash
├── ServerStopping        the server goes away before the answer is there
├── DatabaseTrouble       the threads' database cannot be used
└── VisionError           a model service did not answer
    ├── VisionRefused     it found the request at fault (a 4xx); asking again would not help
    │   └── JobMissing    the job is not known: never submitted, or expired
    ├── VisionUnavailable it is busy or cannot be reached (429, 503, connection errors)
    │   ├── VisionStarting     its model loads
    │   ├── VisionOverloaded   too many of our own questions wait for it
    │   └── VisionBreakerOpen  it failed too often and is left alone for a while
    ├── VisionTimeout     no answer in time
    └── VisionFailed      a 5xx, or an answer that is none

Trouble with pictures is `imagery.ImageryError`. `app.api.faults` maps all of them to HTTP.
"""

from __future__ import annotations


class SwathError(Exception):
    """`str()` is a sentence for people; `code` is for programs; `hint` says what to do."""

    code = "swath_error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadRequest(SwathError):
    """The caller's words cannot be worked with."""

    code = "bad_request"


class ThreadNotFound(SwathError):
    """There is no such thread."""

    code = "thread_not_found"


class TurnNotFound(SwathError):
    """The thread has no such turn."""

    code = "turn_not_found"


class CheckpointNotFound(SwathError):
    """The thread has no such checkpoint, or keeps none of single steps."""

    code = "checkpoint_not_found"


class ThreadBusy(SwathError):
    """A turn of the thread runs already, and the caller would not wait for it."""

    code = "thread_busy"
    retry_after_s = 1.0


class TurnRunning(ThreadBusy):
    """The turn that was sent again still runs."""

    code = "turn_running"


class TurnElsewhere(ThreadBusy):
    """The turn runs, but not where this process could end it."""

    code = "turn_elsewhere"


class KeyReused(SwathError):
    """The idempotency key was sent before, with another request."""

    code = "key_reused"


class TurnCancelled(SwathError):
    """The turn was cancelled; sent again with its key it runs."""

    code = "turn_cancelled"


class TurnLost(SwathError):
    """The turn ended without an answer: by a fault of Swath's, or by one crash too many."""

    code = "turn_lost"


class ServerStopping(SwathError):
    """The server goes away; a turn that was taken stays open, and is finished later."""

    code = "stopping"
    retry_after_s = 2.0


class DatabaseTrouble(SwathError):
    """The threads' database cannot be used; what was not answered is safe to send again."""

    code = "database_trouble"


class VisionError(SwathError):
    """A model service did not answer.

    Attributes:
        service: `vqa` or `captioning`.
        status: of the last answer, or None where there was none.
        attempts: how often it was asked.
    """

    code = "vision_error"

    def __init__(
        self,
        message: str,
        *,
        service: str,
        status: int | None = None,
        attempts: int = 1,
        retry_after_s: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.service = service
        self.status = status
        self.attempts = attempts
        self.retry_after_s = retry_after_s


class VisionRefused(VisionError):
    """The service found the request at fault; it is not asked again."""

    code = "vision_refused"


class JobMissing(VisionRefused):
    """The service does not know the job: it was never submitted there, or has expired."""

    code = "job_missing"


class VisionUnavailable(VisionError):
    """The service is busy or cannot be reached."""

    code = "vision_unavailable"


class VisionStarting(VisionUnavailable):
    """The service is there, and its model is still loading."""

    code = "vision_starting"


class VisionOverloaded(VisionUnavailable):
    """As many questions as may wait for the service do; this one was not sent."""

    code = "vision_overloaded"


class VisionBreakerOpen(VisionUnavailable):
    """The service failed too often; it was not asked."""

    code = "vision_breaker_open"


class VisionTimeout(VisionError):
    """The service did not answer in time."""

    code = "vision_timeout"


class VisionFailed(VisionError):
    """The service failed, or answered something that is no completion."""

    code = "vision_failed"
