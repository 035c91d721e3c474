"""Plays a script: its turns in one thread, each answer compared with what is expected.

This is the one module of the scripts that knows the agent.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.agent import open_agent
from app.batch.asking import result_of
from app.batch.rows import Problem, Result, failed
from app.batch.short import number_in
from app.errors import SwathError, ThreadNotFound
from app.prompts import description_of
from app.prompts.texts import CAPTION
from app.scripts.script import Expectations, Script, Step
from app.settings import Settings
from imagery import ImageryError


@dataclass(frozen=True, slots=True)
class Played:
    """A step, its answer, and what about it is not as expected."""

    step: Step
    result: Result
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.faults


async def play(
    script: Script, settings: Settings, folder: Path, on_step: Callable[[Played], None]
) -> list[Played]:
    """Every step's outcome. The thread is removed at the end.

    Args:
        script: what to play.
        settings: whom to ask.
        folder: what relative paths of images start from.
        on_step: hears of each step as it ends.
    """
    played: list[Played] = []
    thread_id = f"script-{time.time_ns():x}"
    async with open_agent(settings) as agent:
        for step in script.steps:
            began = time.perf_counter()
            try:
                turn = await agent.ask(
                    _words(step),
                    image=_placed(step.image, folder),
                    thread_id=thread_id,
                    task=step.task,
                    vqa_type=step.vqa_type,
                    files=True,
                )
                result = result_of(turn)
            except (SwathError, ImageryError) as error:
                result = failed(Problem(error.code, str(error), error.hint))
            ms = round((time.perf_counter() - began) * 1000, 1)
            result = replace(result, ms=ms)
            played.append(Played(step, result, tuple(faults_of(step.expect, result, ms))))
            on_step(played[-1])
        with contextlib.suppress(ThreadNotFound):
            await agent.delete_thread(thread_id)
    return played


def _words(step: Step) -> str:
    return step.text if step.kind == "ask" else description_of(step.text) or CAPTION


def _placed(image: str | None, folder: Path) -> str | None:
    if image is None or ":" in image[:10] or image.startswith("/"):
        return image
    return str(folder / image) if (folder / image).exists() else image


def faults_of(expected: Expectations, result: Result, ms: float) -> Iterator[str]:
    """What is not as expected, in words."""
    if result.problem and expected.status != "failed":
        yield f"there is no answer: {result.problem.message}"
        return
    for name in ("status", "task", "vqa_type"):
        wanted, found = getattr(expected, name), getattr(result, name)
        if wanted is not None and wanted != found:
            yield f"{name} is {found}, expected {wanted}"
    yield from _said(expected, result.answer)
    if expected.under_ms is not None and ms > expected.under_ms:
        yield f"took {ms:,.0f} ms, expected less than {expected.under_ms:,.0f} ms"


def _said(expected: Expectations, answer: str) -> Iterator[str]:
    said = answer.lower()
    for words in expected.contains:
        if words.lower() not in said:
            yield f"the answer does not contain {words!r}"
    for words in expected.lacks:
        if words.lower() in said:
            yield f"the answer contains {words!r}"
    if expected.equals is not None and expected.equals.strip().lower() != said.strip():
        yield f"the answer is not {expected.equals!r}"
    if expected.value is not None:
        number = number_in(answer)
        if number is None:
            yield f"the answer has no number, expected {expected.value:g}"
        elif abs(number - expected.value) > expected.within:
            yield f"the value is {number:g}, expected {expected.value:g} ± {expected.within:g}"
