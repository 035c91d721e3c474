"""Jobs as Modal function calls, and calls of a remote worker. The worker never raises.

What crosses to Modal and back is plain JSON: a request there, an envelope back. An exception
that crossed would be taken for something else: a worker's `TimeoutError`, for one, looks exactly
like a call that is still running.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol

import modal
from modal.exception import Error as ModalError
from modal.exception import NotFoundError, OutputExpiredError, RemoteError

from modal_services.engine import EngineBusy, EngineState
from modal_services.jobs import (
    Cancellation,
    Done,
    Failed,
    Missing,
    Outcome,
    Pending,
    Run,
    is_call_id,
)
from modal_services.wire import ChatCompletion, ChatRequest

Envelope = Mapping[str, Any]


class FunctionCall(Protocol):
    """What is used of `modal.FunctionCall`."""

    get: Any
    cancel: Any


def packed(outcome: Done | Failed) -> dict[str, Any]:
    """A worker's outcome as the envelope that it returns."""
    match outcome:
        case Done(completion):
            return {"ok": True, "completion": completion.model_dump(mode="json")}
        case Failed(error=error, traceback=traceback, status=status):
            return {"ok": False, "error": error, "traceback": traceback, "status": status}


def unpacked(envelope: Envelope) -> Done | Failed:
    """The outcome in a worker's envelope."""
    if envelope.get("ok"):
        return Done(ChatCompletion.model_validate(envelope["completion"]))
    error = str(envelope.get("error", "The worker failed."))
    return Failed(error, str(envelope.get("traceback", "")), int(envelope.get("status", 500)))


class ModalJobs:
    """A job store in Modal itself, which keeps results for seven days.

    Args:
        method: the worker's method (`Model().answer`).
        call_of: a function call by its id, for tests.
    """

    def __init__(
        self,
        method: Any,
        call_of: Callable[[str], FunctionCall] = modal.FunctionCall.from_id,
    ) -> None:
        self._method = method
        self._call_of = call_of

    async def submit(self, request: ChatRequest, key: str = "") -> str:  # noqa: ARG002
        """Spawns the worker's method; Modal queues it, and knows no keys."""
        call = await self._method.spawn.aio(request.model_dump(mode="json"))
        return str(call.object_id)

    async def outcome(self, call_id: str) -> Outcome:
        """What Modal knows of the call."""
        if not is_call_id(call_id):
            return Missing()  # another spelling would raise when Modal looks at it
        try:
            envelope = await self._call_of(call_id).get.aio(timeout=0)
        except (OutputExpiredError, NotFoundError):
            return Missing()
        except TimeoutError:  # the builtin one: no output yet
            return Pending()
        except RemoteError as error:  # our worker raises nothing: Modal ended the call
            return Failed("The job was cancelled.", str(error))
        except ModalError as error:
            return Failed(f"The worker was lost: {type(error).__name__}.", str(error))
        return unpacked(envelope)

    async def cancel(self, call_id: str) -> Cancellation:
        """Ends a call that waits or runs."""
        match await self.outcome(call_id):
            case Missing():
                return "missing"
            case Pending():
                await self._call_of(call_id).cancel.aio()
                return "cancelled"
            case Done() | Failed():
                return "ended"

    @contextlib.asynccontextmanager
    async def working(self, _run: Run) -> AsyncIterator[None]:
        """Nothing to do: Modal runs the jobs."""
        yield


def remote_call(method: Any) -> Callable[[dict[str, Any]], Awaitable[Done | Failed]]:
    """A worker's method as a function that waits for its outcome.

    Raises (when called):
        EngineBusy: Modal could not run it.
    """

    async def call(request: dict[str, Any]) -> Done | Failed:
        try:
            return unpacked(await method.remote.aio(request))
        except ModalError as error:
            raise EngineBusy(f"The worker was lost: {type(error).__name__}.") from error

    return call


def warmth(method: Any) -> Callable[[], Awaitable[EngineState]]:
    """Whether a container of the worker runs. Asking does not start one."""

    async def state() -> EngineState:
        try:
            stats = await method.get_current_stats.aio()
        except ModalError:
            return "down"
        return "ready" if stats.num_total_runners else "cold"

    return state
