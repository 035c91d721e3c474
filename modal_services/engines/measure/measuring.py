"""Where pictures are measured: in threads of this process, or in processes of its own.

Measuring holds Python's lock for most of its time. One question needs no process for that; a batch
that measures elsewhere has this process free for everything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Protocol

from imagery import Limits, Picture
from imagery.pool import DecodePool
from modal_services.engine import Reply
from modal_services.engines.measure.answers import measure
from modal_services.engines.measure.view import View
from modal_services.facts import PictureFacts

KEPT = 8  # pictures


class Measuring(Protocol):
    """Where questions are answered by measuring."""

    async def __call__(
        self, question: str, picture: Picture | None, facts: PictureFacts | None, pictures: int
    ) -> Reply:
        """Answers a question.

        Args:
            question: the last user message.
            picture: what to measure; None where the prompt has not just one.
            facts: what is known of its scene.
            pictures: how many the prompt has.
        """
        ...


class Views:
    """What was measured of the last pictures, for the next question on them."""

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[int, PictureFacts | None], View] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, picture: Picture, facts: PictureFacts | None) -> View:
        """The same view for the same picture with the same facts."""
        key = (id(picture), facts)
        with self._lock:
            view = self._views.get(key)
            if view is None or view.picture is not picture:
                view = View(picture, facts)
                self._views[key] = view
            self._views.move_to_end(key)
            while len(self._views) > KEPT:
                self._views.popitem(last=False)
        return view


class InThreads:
    """Measures in threads of this process."""

    def __init__(self) -> None:
        self._views = Views()

    async def __call__(
        self, question: str, picture: Picture | None, facts: PictureFacts | None, pictures: int
    ) -> Reply:
        """Beside the event loop, so that nobody else waits."""
        view = self._views.of(picture, facts) if picture else None
        return await asyncio.to_thread(measure, question, view, pictures)


@dataclass
class _Home:
    """The process that has a picture, and the name that it has there."""

    picture: Picture
    name: int
    worker: _Worker
    sent: bool = False


class _Worker:
    def __init__(self, limits: Limits) -> None:
        self.pool = DecodePool(limits, workers=1)
        self.waiting = 0


class InProcesses:
    """Measures in processes, all that is asked of one picture in the same.

    Args:
        limits: on their time and memory.
        workers: how many; each holds about 150 MB.
    """

    def __init__(self, limits: Limits, workers: int) -> None:
        self._workers = [_Worker(limits) for _ in range(workers)]
        self._homes: OrderedDict[int, _Home] = OrderedDict()
        self._names = count()

    async def __call__(
        self, question: str, picture: Picture | None, facts: PictureFacts | None, pictures: int
    ) -> Reply:
        """In the process that has the picture, or in the one with the least to do.

        Raises:
            imagery.ImageryError: it takes too much time or memory.
        """
        if picture is None:
            return measure(question, None, pictures)
        home = self._home_of(picture)
        home.worker.waiting += 1
        try:
            sent, home.sent = home.sent, True
            asked = partial(home.worker.pool.run, measured, question, home.name, facts, pictures)
            try:
                return await asked(None if sent else picture)
            except Forgotten:  # it was replaced since, or was given many others
                return await asked(picture)
        finally:
            home.worker.waiting -= 1

    def close(self) -> None:
        """Ends the processes."""
        for worker in self._workers:
            worker.pool.close()

    def _home_of(self, picture: Picture) -> _Home:
        home = self._homes.get(id(picture))
        if home is None or home.picture is not picture:
            worker = min(self._workers, key=lambda each: each.waiting)
            home = self._homes[id(picture)] = _Home(picture, next(self._names), worker)
        self._homes.move_to_end(id(picture))
        while len(self._homes) > KEPT * len(self._workers):
            self._homes.popitem(last=False)
        return home


@contextlib.asynccontextmanager
async def in_processes(limits: Limits, workers: int | None = None) -> AsyncIterator[InProcesses]:
    """Processes that start when they are first needed and end on leaving.

    Args:
        limits: on their time and memory.
        workers: how many; None: one for every processor but the one that this process needs, and
            two at least, since one that waits for this process leaves a processor idle.
    """
    measuring = InProcesses(limits, workers or max(2, (os.cpu_count() or 2) - 1))
    try:
        yield measuring
    finally:
        await asyncio.to_thread(measuring.close)


_views = Views()
_pictures: OrderedDict[int, Picture] = OrderedDict()


class Forgotten(LookupError):
    """A process has no picture of that name."""


def measured(
    question: str, name: int, facts: PictureFacts | None, pictures: int, picture: Picture | None
) -> Reply:
    """The answer, in one of the processes.

    Raises:
        Forgotten: the picture must be sent again.
    """
    picture = picture or _pictures.get(name)
    if picture is None:
        raise Forgotten
    _pictures[name] = picture
    _pictures.move_to_end(name)
    while len(_pictures) > KEPT:
        _pictures.popitem(last=False)
    return measure(question, _views.of(picture, facts), pictures)
