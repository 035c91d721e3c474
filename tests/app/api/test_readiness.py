from __future__ import annotations

import asyncio

import pytest

from app.api.readiness import Parts, Readiness
from tests.fakes import Clock

pytestmark = pytest.mark.anyio


class Asked:
    """Parts that count how often they are asked."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> Parts:
        self.times += 1
        await asyncio.sleep(0)
        return {"database": {"state": "ready", "asked": self.times}}


async def test_the_parts_are_asked_once_for_a_crowd_of_strangers() -> None:
    asked, clock = Asked(), Clock()
    readiness = Readiness(asked, now=clock.now)
    told = await asyncio.gather(*(readiness.parts() for _ in range(100)))
    assert asked.times == 1
    assert all(one == told[0] for one in told)
    clock.time_s += 0.9
    assert await readiness.parts() == told[0]
    clock.time_s += 0.2
    assert (await readiness.parts())["database"]["asked"] == 2


async def test_one_who_leaves_does_not_end_the_asking_of_others() -> None:
    readiness = Readiness(Asked())
    leaving, staying = (asyncio.create_task(readiness.parts()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying)["database"]["state"] == "ready"
    readiness.close()
