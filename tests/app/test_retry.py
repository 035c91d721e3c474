from __future__ import annotations

import itertools

import pytest

from app.errors import VisionError, VisionFailed, VisionRefused, VisionTimeout, VisionUnavailable
from app.services.retry import RETRIED_STATUSES, RetryPolicy
from tests.fakes import Clock

pytestmark = pytest.mark.anyio


async def calls_until_given_up(
    error: VisionError, clock: Clock, *, deadline_s: float = 1e9, attempts: int = 4
) -> int:
    """How often a call that always fails with this error is made."""
    policy = RetryPolicy(max_attempts=attempts, sleep=clock.sleep, jitter=lambda: 0.5)
    calls = 0
    with pytest.raises(type(error)):
        async for attempt in policy.attempts(clock.now() + deadline_s, clock.now):
            with attempt:
                calls += 1
                raise error
    return calls


@pytest.mark.parametrize("status", sorted(RETRIED_STATUSES))
async def test_passing_trouble_is_tried_again(status: int) -> None:
    error = VisionUnavailable("busy", service="vqa", status=status)
    assert await calls_until_given_up(error, Clock()) == 4


async def test_a_lost_connection_is_tried_again() -> None:
    assert await calls_until_given_up(VisionUnavailable("gone", service="vqa"), Clock()) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422])
async def test_no_other_4xx_is_tried_again(status: int) -> None:
    error = VisionRefused("no", service="vqa", status=status)
    assert await calls_until_given_up(error, Clock()) == 1


async def test_a_500_is_not_tried_again() -> None:
    assert await calls_until_given_up(VisionFailed("no", service="vqa", status=500), Clock()) == 1


async def test_waits_grow_from_full_jitter_to_a_cap() -> None:
    clock = Clock()
    await calls_until_given_up(VisionTimeout("slow", service="vqa"), clock, attempts=8)
    assert clock.slept_s == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


async def test_jitter_spreads_over_the_whole_wait() -> None:
    dice = itertools.cycle([0.0, 0.999])
    clock = Clock()
    policy = RetryPolicy(max_attempts=3, sleep=clock.sleep, jitter=lambda: next(dice))
    with pytest.raises(VisionTimeout):
        async for attempt in policy.attempts(clock.now() + 99, clock.now):
            with attempt:
                raise VisionTimeout("slow", service="vqa")
    assert clock.slept_s == [0.0, pytest.approx(0.999)]


async def test_retry_after_is_waited_for() -> None:
    clock = Clock()
    error = VisionUnavailable("busy", service="vqa", status=429, retry_after_s=3)
    await calls_until_given_up(error, clock, attempts=2)
    assert clock.slept_s == [3]


async def test_a_retry_after_beyond_the_deadline_ends_the_call_at_once() -> None:
    clock = Clock()
    error = VisionUnavailable("busy", service="vqa", status=503, retry_after_s=60)
    assert await calls_until_given_up(error, clock, deadline_s=30) == 1
    assert clock.slept_s == []


async def test_nothing_is_begun_after_the_deadline() -> None:
    clock = Clock()
    error = VisionUnavailable("busy", service="vqa", status=503)
    assert await calls_until_given_up(error, clock, deadline_s=0.8, attempts=9) == 3
