"""Asks a data set's questions and judges the answers, in the data set's order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.batch.asking import Asking, open_asking
from app.batch.rows import Question, Result
from app.evaluation.cache import AnswerCache
from app.evaluation.items import Item
from app.evaluation.judging import Judged, judge
from app.settings import Settings
from imagery import ImageryError


@dataclass(frozen=True, slots=True)
class Case:
    """An item, its answer, and whether that is right; `judged` is None without an answer."""

    item: Item
    result: Result
    judged: Judged | None
    cached: bool = False


async def evaluate(
    items: Sequence[Item],
    settings: Settings,
    folder: Path,
    *,
    concurrency: int = 8,
    cache: Path | None = None,
    on_step: Callable[[int], None] = lambda _done: None,
) -> list[Case]:
    """Every item's case, in their order.

    Args:
        items: what to ask.
        settings: whom to ask.
        folder: what relative paths of images start from.
        concurrency: questions at once.
        cache: the file of earlier answers; None: all is asked.
        on_step: hears how many are done.
    """
    cases: dict[int, Case] = {}
    waiting = iter(sorted(enumerate(items), key=lambda pair: (pair[1].image, pair[0])))
    with AnswerCache(cache or Path(":memory:"), _asked_of(settings)) as known:
        async with open_asking(settings, concurrency=concurrency, folder=folder) as ask:

            async def work() -> None:
                for at, item in waiting:
                    cases[at] = await _case(item, ask, known)
                    on_step(len(cases))

            async with asyncio.TaskGroup() as workers:
                for _ in range(concurrency):
                    workers.create_task(work())
    return [cases[at] for at in range(len(items))]


async def _case(item: Item, ask: Asking, known: AnswerCache) -> Case:
    try:
        sha256 = (await ask.pictures.keep(item.image)).sha256
    except ImageryError:
        sha256 = ""  # asking will say what is wrong
    if sha256 and (before := known.get(sha256, item.question)):
        return _judged(item, before, cached=True)
    result = await ask(Question(item.number, item.id, item.question, item.image))
    if sha256:
        known.put(sha256, item.question, result)
    return _judged(item, result, cached=False)


def _judged(item: Item, result: Result, *, cached: bool) -> Case:
    judged = judge(item, result.answer) if result.status == "answered" else None
    return Case(item, result, judged, cached)


def _asked_of(settings: Settings) -> str:
    """The services and models; of the embedded engine also its version."""
    places = (settings.vqa_base_url or __version__, settings.caption_base_url or __version__)
    return repr((places, settings.vqa_model, settings.caption_model))
