"""The client of the services with someone who watches its calls: metrics, traces."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import VisionError
from app.services.endpoint import Endpoint
from app.services.jobs_client import Watch
from app.services.modal_client import ModalServiceClient
from app.services.replies import Completion
from app.services.streaming import Piece
from app.services.vision import OnProgress, Service


@dataclass
class CallSeen:
    """One call of a service, its retries included; what is known of its end comes with the end.

    Attributes:
        service: which one.
        model: that is asked for.
        address: of the service.
        outcome: `answered`, the code of an error, or `left` where nobody waited any more.
        attempts: how often it was asked.
        answered_by: the model that the answer names.
        input_tokens, output_tokens: as the server counted them; None: it did not.
        seconds: how long it took.
    """

    service: Service
    model: str
    address: str
    outcome: str = "left"
    attempts: int = 1
    answered_by: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float = 0

    def answered(self, completion: Completion, attempts: int) -> None:
        """The call has its answer."""
        usage = completion.usage or {}
        self.outcome, self.attempts, self.answered_by = "answered", attempts, completion.model
        self.input_tokens = _count(usage.get("prompt_tokens"))
        self.output_tokens = _count(usage.get("completion_tokens"))


class Observer(Protocol):
    """Watches calls."""

    def call(self, call: CallSeen) -> AbstractContextManager[None]:
        """Entered when a call begins, left when it has ended and `call` tells how."""
        ...


class ObservedClient(ModalServiceClient):
    """A `ModalServiceClient` whose calls are watched.

    Args:
        vqa, captioning: where the services are.
        observers: who watches.
        options: of `ModalServiceClient`.
    """

    def __init__(
        self,
        vqa: Endpoint,
        captioning: Endpoint,
        *options: Any,
        observers: Sequence[Observer] = (),
        **more: Any,
    ) -> None:
        super().__init__(vqa, captioning, *options, **more)
        self._observers = tuple(observers)
        self._endpoints: dict[Service, Endpoint] = {"vqa": vqa, "captioning": captioning}

    def load(self, service: Service) -> tuple[int, int]:
        """How many calls are on their way, and how many wait for a place."""
        return self._callers[service].load

    async def _complete(
        self, service: Service, body: dict[str, Any], watch: Watch, call_id: str | None
    ) -> tuple[Completion, int]:
        with self._watched(service) as call:
            found = await super()._complete(service, body, watch, call_id)
            call.answered(*found)
        return found

    def _streamed(
        self, service: Service, body: dict[str, Any], on_progress: OnProgress
    ) -> AsyncGenerator[Piece]:
        return self._watching(service, super()._streamed(service, body, on_progress))

    async def _watching(
        self, service: Service, pieces: AsyncGenerator[Piece]
    ) -> AsyncGenerator[Piece]:
        with self._watched(service) as call:
            async with contextlib.aclosing(pieces):
                async for piece in pieces:
                    if not isinstance(piece, str):
                        call.answered(*piece)
                    yield piece

    @contextlib.contextmanager
    def _watched(self, service: Service) -> Iterator[CallSeen]:
        endpoint = self._endpoints[service]
        call = CallSeen(service, endpoint.model, endpoint.base_url)
        with contextlib.ExitStack() as stack:
            for observer in self._observers:
                stack.enter_context(observer.call(call))
            with _timed(call):
                yield call


@contextlib.contextmanager
def _timed(call: CallSeen, now: Callable[[], float] = time.perf_counter) -> Iterator[None]:
    began = now()
    try:
        yield
    except VisionError as error:
        call.outcome, call.attempts = error.code, error.attempts
        raise
    finally:
        call.seconds = now() - began


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
