"""Measuring in processes: the answers of the engine, wherever it measures."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from imagery import Limits, Picture
from modal_services.engine import Prompt, Turn
from modal_services.engines.measure import MeasureEngine
from modal_services.engines.measure.measuring import KEPT, InProcesses, in_processes
from tests.modal_services.measuring import BLUE, CONCRETE, GREEN, picture

pytestmark = pytest.mark.anyio
COLOUR = "What is the dominant colour?"


@pytest.fixture
async def processes() -> AsyncIterator[InProcesses]:
    async with in_processes(Limits(), 2) as measuring:
        yield measuring


def water() -> Picture:
    return picture(BLUE, GREEN)


def town() -> Picture:
    return picture(CONCRETE, CONCRETE)


def asked(question: str, *pictures: Picture) -> Prompt:
    return Prompt((Turn("user", (*pictures, question)),))


def pids(measuring: Any) -> list[int | None]:
    return [one.pid for worker in measuring._workers for one in worker.pool._workers]


async def test_answers_are_those_of_a_thread(processes: InProcesses) -> None:
    there, here, shown = MeasureEngine(processes), MeasureEngine(), picture(BLUE, GREEN)
    for prompt in (
        asked(COLOUR, shown),
        asked("How big is the image?", shown),
        asked("Describe this image.", shown),
        asked("How many cranes are there?", shown),
        asked(COLOUR),
        asked(COLOUR, shown, shown),
    ):
        assert await there.chat(prompt) == await here.chat(prompt)


async def test_a_picture_stays_with_its_process_and_another_goes_elsewhere(
    processes: InProcesses,
) -> None:
    engine, first, second = MeasureEngine(processes), water(), town()
    await asyncio.gather(*(engine.chat(asked(COLOUR, first)) for _ in range(3)))
    assert sum(pid is not None for pid in pids(processes)) == 1
    here = MeasureEngine()
    expected = [await here.chat(asked(COLOUR, one)) for one in (first, second)]
    answers = await asyncio.gather(
        *(engine.chat(asked(COLOUR, one)) for one in (first, second, first, second))
    )
    assert sum(pid is not None for pid in pids(processes)) == 2
    assert expected[0] != expected[1]
    assert answers == expected * 2


async def test_a_killed_process_is_sent_the_picture_again(processes: InProcesses) -> None:
    engine, shown = MeasureEngine(processes), water()
    before = await engine.chat(asked(COLOUR, shown))
    [pid] = [pid for pid in pids(processes) if pid]
    os.kill(pid, signal.SIGKILL)
    assert await engine.chat(asked(COLOUR, shown)) == before
    assert pid not in pids(processes)


async def test_a_picture_that_a_process_has_forgotten_is_sent_again() -> None:
    async with in_processes(Limits(), 1) as one:
        engine, first = MeasureEngine(one), water()
        kept: Any = one
        before = await engine.chat(asked(COLOUR, first))
        home = kept._homes[id(first)]
        for _ in range(KEPT + 1):
            await engine.chat(asked(COLOUR, town()))
        kept._homes[id(first)] = home
        assert await engine.chat(asked(COLOUR, first)) == before


async def test_processes_end_with_their_context() -> None:
    async with in_processes(Limits(), 1) as measuring:
        await MeasureEngine(measuring).chat(asked(COLOUR, water()))
        [pid] = pids(measuring)
        assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
