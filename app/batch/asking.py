"""How a batch asks: the agent's own graph, without threads.

The lines of a batch are independent questions, so nothing is remembered between them: no thread, no
checkpoint, no ledger. The router, the prompts and the services are those of a turn, so that a line
gets the answer that `swath ask` gives. This is the one module of the batch that knows the graph.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.asked import Asked, check
from app.batch.pictures import Pictures
from app.batch.requests import served_by, with_pictures
from app.batch.rows import Problem, Question, Result, Status, failed
from app.context import AgentContext
from app.errors import SwathError, VisionError, VisionRefused
from app.once import unkept
from app.orchestrator import Graph, build_graph
from app.running import run
from app.services.connect import connected
from app.services.job_notes import NoNotes
from app.services.modal_client import ModalServiceClient
from app.services.retry import RETRIED_STATUSES
from app.settings import Settings
from app.turn import Turn, turn_of
from imagery import FetchFailed, ImageryError
from imagery.pool import DecodePool
from imagery.store import open_store
from modal_services.engines.measure.measuring import in_processes

RETRYABLE = frozenset(
    {
        "vision_unavailable", "vision_starting", "vision_overloaded", "vision_breaker_open",
        "vision_timeout",
    }
)  # fmt: skip
SERVER_ERROR = 500


@dataclass
class Asking:
    """Answers questions one by one; any number of them at the same time."""

    graph: Graph
    vision: ModalServiceClient
    pictures: Pictures
    models: Mapping[str, str]
    secrets: tuple[str, ...] = ()

    async def __call__(self, question: Question) -> Result:
        """What a question comes to. A failure is a result too."""
        began = time.perf_counter()
        try:
            if question.body is None:
                found = await self._turn(question)
            else:
                found = await self._request(question.body)
        except (SwathError, ImageryError) as error:
            attempts = error.attempts if isinstance(error, VisionError) else 0
            found = failed(problem_of(error), attempts=attempts)
        except Exception as error:  # noqa: BLE001 - a job's boundary: one line never ends the rest
            kind = f"{type(error).__name__}: {error}"[:200]
            found = failed(Problem("fault", f"something went wrong in Swath itself ({kind})"))
        return replace(found, ms=round((time.perf_counter() - began) * 1000, 1))

    async def _turn(self, question: Question) -> Result:
        task = question.task or (None if question.query.strip() else "captioning")
        asked = Asked(question.query, question.image, task, question.vqa_type)
        check(asked, None, None, None)
        url = None
        if question.image:
            ref = await self.pictures.keep(question.image, question.metres_per_px)
            url = ref.url
        key = row_key(question)
        context = AgentContext(
            self.vision, self.pictures.shelf, jobs=RowNotes(key), secrets=self.secrets
        )
        state = await run(self.graph, unkept(asked, key, url), context, "exit", None)
        return result_of(turn_of(state, key, 0))

    async def _request(self, body: Mapping[str, Any]) -> Result:
        whole = await with_pictures(body, self.pictures)
        service = served_by(whole, self.models)
        completion, attempts = await self.vision.complete(service, whole)
        text = str(completion["choices"][0]["message"].get("content") or "")
        counts = completion.get("usage") or {}
        known = {name: count for name, count in counts.items() if isinstance(count, int)}
        told = completion.get("swath") or {}
        return Result(
            "answered" if told.get("answered", True) else "refused",
            text,
            engine=str(told.get("engine") or completion.get("model") or ""),
            model=str(completion.get("model") or ""),
            usage=known,
            attempts=attempts,
            completion=completion,
        )


class RowNotes(NoNotes):
    """Names the jobs of a line, so that a line asked again after a crash is the same job."""

    def __init__(self, key: str) -> None:
        self._key = key

    def key(self, task: str) -> str:
        """The line and the task."""
        return f"{self._key}/{task}"


def row_key(question: Question) -> str:
    """The same for the same question of the same line, in every run."""
    parts = (question.line, question.id, question.query, question.image, question.task)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def result_of(turn: Turn) -> Result:
    """A turn as the result of a line."""
    error = turn.error
    status: Status = "failed" if error else "refused" if turn.status == "refused" else "answered"
    problem = None
    if error:
        problem = Problem(
            error["code"],
            error["message"],
            error["hint"],
            is_retryable(error["code"], error.get("status")),
            error.get("status"),
        )
    return Result(
        status,
        "" if error else turn.content,
        turn.task,
        turn.vqa_type,
        turn.route["rule"],
        turn.engine,
        turn.model,
        "; ".join(turn.methods) or None,
        turn.caveats,
        tuple(each.model_dump(mode="json") for one in turn.answers for each in one.measurements),
        _usage(turn),
        attempts=max((entry["attempt"] or 0 for entry in turn.execution_log), default=0),
        problem=problem,
    )


def _usage(turn: Turn) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in turn.answers:
        total.update(one.detail.get("usage") or {})
    return dict(total)


def problem_of(error: SwathError | ImageryError) -> Problem:
    """An error as the reason in a record."""
    status = error.status if isinstance(error, VisionError) else None
    lasting = isinstance(error, VisionRefused) and status not in RETRIED_STATUSES
    again = isinstance(error, FetchFailed) or (not lasting and is_retryable(error.code, status))
    return Problem(error.code, str(error), error.hint, again, status)


def is_retryable(code: str, status: int | None) -> bool:
    """Whether asking again later may help."""
    return (
        code in RETRYABLE
        or code == FetchFailed.code
        or (code.startswith("vision_") and status is not None and _passing(status))
    )


def _passing(status: int) -> bool:
    return status in RETRIED_STATUSES or status >= SERVER_ERROR


@contextlib.asynccontextmanager
async def open_asking(
    settings: Settings,
    *,
    concurrency: int,
    folder: Path,
    as_jobs: bool = False,
    in_threads: bool = False,
) -> AsyncIterator[Asking]:
    """What answers questions, with its services and pictures; all closed on leaving.

    Args:
        settings: where the services are; those that are nowhere are embedded.
        concurrency: how many questions will be asked at the same time.
        folder: what relative paths of pictures start from.
        as_jobs: whether questions go through the services' job routes.
        in_threads: whether embedded services measure in threads of this process; else in processes
            of their own.
    """
    settings = settings.model_copy(update={"service_concurrency": max(1, concurrency)})
    limits = settings.image_limits
    async with DecodePool(limits, workers=settings.decode_workers) as pool:
        stored = open_store(settings.image_place, limits, pool.prepared)
        pictures = Pictures(limits, pool.prepared, folder, stored)
        models = {settings.vqa_model: "vqa", settings.caption_model: "captioning"}
        async with (
            in_processes(limits) as measuring,
            connected(
                settings,
                pool.decode,
                as_jobs=as_jobs,
                measuring=None if in_threads else measuring,
            ) as vision,
        ):
            yield Asking(build_graph(), vision, pictures, models, tuple(settings.secrets))
