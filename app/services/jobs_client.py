"""Questions that take long: submitted as a job, and asked about until they are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from app.errors import (
    JobMissing,
    VisionError,
    VisionFailed,
    VisionRefused,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.caller import Caller
from app.services.replies import Completion, call_id_in, read
from app.services.statuses import retry_after
from app.services.vision import OnProgress, OnSubmitted, Progress, unheard
from modal_services.jobs import is_call_id

SUBMIT = "/v1/chat/completions/async"
STATUS = "/v1/chat/completions/status/"
FIRST_PAUSE_S = 0.5
GROWTH = 1.5
LAST_PAUSE_S = 5.0
POLL_S = 30  # one poll is quick or lost
PATIENCE_S = 60  # with a service that is away while it has a job of ours: it may be restarting
NO_ROUTE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED})


@dataclass(frozen=True, slots=True)
class Watch:
    """Who hears of a call: of its progress, and of its job's id before it is first asked about.

    `key` names the job, so that one whose id got lost is not begun a second time.
    """

    on_progress: OnProgress = unheard
    on_submitted: OnSubmitted | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Pending:
    wait_s: float


class NoJobRoutes(Exception):
    """The server is a bare model server: it answers at once or not at all."""


class Jobs:
    """The job routes of one service; whether it has any is found out once."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._offered = True

    def wanted(self, end: float) -> bool:
        """Whether a call that may take until `end` had better be a job."""
        left_s = end - self._caller.now()
        return self._offered and left_s > self._caller.endpoint.sync_limit_s

    async def submit(
        self, body: dict[str, Any], end: float, on_progress: OnProgress = unheard, key: str = ""
    ) -> str:
        """Submits a question and returns its call id."""
        service = self._caller.service
        call_id, _ = await self._caller.send(
            "POST",
            SUBMIT,
            body,
            parse=lambda response: call_id_in(service, response),
            end=end,
            on_progress=on_progress,
            headers={"Idempotency-Key": key} if key else None,
        )
        return call_id

    async def answer(
        self, body: dict[str, Any], end: float, watch: Watch, call_id: str | None = None
    ) -> tuple[Completion, int]:
        """The answer of a job: of the one named, else of a new one.

        A job that the service has lost is submitted once more; the answer tells so.

        Raises:
            NoJobRoutes: the server has none, so that nothing was asked.
        """
        first = call_id or await self._begin(body, end, watch)
        try:
            completion, attempts = await self.wait(first, end, watch.on_progress)
        except JobMissing:
            self._tell(watch.on_progress, f"The job {first[:80]} was lost; it is submitted again.")
            again = await self._begin(body, end, watch)
            completion, attempts = await self.wait(again, end, watch.on_progress)
            completion.swath["note"] = f"The job {first[:80]} was lost and submitted again."
            first = again
        completion.swath["call_id"] = first
        return completion, attempts

    async def wait(
        self, call_id: str, end: float, on_progress: OnProgress = unheard
    ) -> tuple[Completion, int]:
        """Asks for a job at growing intervals until it is done.

        Raises:
            JobMissing: the job is not known, or has expired.
            VisionTimeout: it is not done at `end`.
        """
        now = self._caller.now
        began, answered, pause_s = now(), now(), FIRST_PAUSE_S
        while True:
            try:
                found, attempts = await self._poll(call_id, end)
            except (VisionUnavailable, VisionTimeout) as error:
                if now() >= end or now() - answered >= PATIENCE_S:
                    raise
                found = _Pending(error.retry_after_s or 0)
            else:
                answered = now()
            if isinstance(found, Completion):
                return found, attempts
            wait_s = max(pause_s, found.wait_s)
            if now() + wait_s >= end:
                raise self._too_late(call_id, end - began)
            self._tell(on_progress, "The job is not done yet.", wait_s)
            await self._caller.retry.sleep(wait_s)
            pause_s = min(LAST_PAUSE_S, pause_s * GROWTH)

    async def _begin(self, body: dict[str, Any], end: float, watch: Watch) -> str:
        try:
            call_id = await self.submit(body, end, watch.on_progress, watch.key)
        except (VisionRefused, VisionFailed) as error:
            if not means_no_route(error):
                raise
            self._offered = False
            raise NoJobRoutes from error
        self._tell(watch.on_progress, f"Submitted as the job {call_id}.")
        if watch.on_submitted:
            await watch.on_submitted(call_id)
        return call_id

    async def _poll(self, call_id: str, end: float) -> tuple[Completion | _Pending, int]:
        service = self._caller.service
        if not is_call_id(call_id):
            message = f"{call_id[:80]!r} is no call id: one begins with fc-."
            raise JobMissing(message, service=service, status=404)

        def outcome(response: httpx.Response) -> Completion | _Pending:
            if response.status_code == httpx.codes.ACCEPTED:
                return _Pending(retry_after(response) or 0)
            return read(service, response)

        soon = min(end, self._caller.now() + POLL_S)
        return await self._caller.send("GET", STATUS + call_id, parse=outcome, end=soon)

    def _tell(self, on_progress: OnProgress, message: str, wait_s: float = 0) -> None:
        on_progress(Progress(self._caller.service, "job", message, wait_s))

    def _too_late(self, call_id: str, timeout_s: float) -> VisionTimeout:
        message = f"The job {call_id} was not done after {timeout_s:.0f} s."
        return VisionTimeout(message, service=self._caller.service, status=202)


def means_no_route(error: VisionError) -> bool:
    """No such route, or a 200 with no call id in it, as LM Studio answers for any route."""
    return error.status in NO_ROUTE or (
        isinstance(error, VisionFailed) and error.status in (200, 202)
    )
