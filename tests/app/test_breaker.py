from __future__ import annotations

import asyncio
import contextlib

import pytest

from app.errors import (
    VisionBreakerOpen,
    VisionError,
    VisionOverloaded,
    VisionRefused,
    VisionStarting,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.breaker import Breaker, BreakerPolicy
from app.services.budget import RetryBudget
from app.services.gate import Gate
from app.services.window import Window
from tests.fakes import Clock

pytestmark = pytest.mark.anyio

LOST = VisionUnavailable("refused", service="vqa")
BUSY = VisionUnavailable("busy", service="vqa", status=503)
POLICY = BreakerPolicy(window_s=30, min_calls=20, failure_share=0.5, lost_in_a_row=5, open_s=5)


def breaker_at(clock: Clock) -> Breaker:
    return Breaker("vqa", clock.now, POLICY)


def attempt(breaker: Breaker, error: VisionError | None = None) -> None:
    with contextlib.suppress(VisionError), breaker.attempt():
        if error:
            raise error


def state_of(breaker: Breaker) -> str:
    return breaker.state


def opened(clock: Clock) -> Breaker:
    breaker = breaker_at(clock)
    for _ in range(5):
        attempt(breaker, LOST)
    assert state_of(breaker) == "open"
    return breaker


def test_it_opens_when_half_of_enough_calls_failed() -> None:
    breaker = breaker_at(Clock())
    for number in range(19):
        breaker.call_ended(failed=number % 2 == 0)
    assert state_of(breaker) == "closed"
    breaker.call_ended(failed=True)
    assert state_of(breaker) == "open"


def test_a_third_of_failures_does_not_open_it() -> None:
    breaker = breaker_at(Clock())
    for number in range(300):
        breaker.call_ended(failed=number % 3 == 0)
    assert state_of(breaker) == "closed"


def test_failures_long_ago_are_forgotten() -> None:
    clock = Clock()
    breaker = breaker_at(clock)
    for _ in range(19):
        breaker.call_ended(failed=True)
    clock.time_s += 31
    breaker.call_ended(failed=True)
    assert state_of(breaker) == "closed"


def test_it_opens_when_no_server_is_met_several_times_in_a_row() -> None:
    breaker = breaker_at(Clock())
    for error in (LOST, LOST, LOST, LOST, None, LOST, LOST, LOST, LOST, BUSY, LOST):
        attempt(breaker, error)
    assert state_of(breaker) == "closed"
    for _ in range(4):
        attempt(breaker, LOST)
    assert state_of(breaker) == "open"


def test_an_open_one_refuses_at_once_and_says_for_how_long() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.time_s += 2
    with pytest.raises(VisionBreakerOpen) as caught:
        breaker.check()
    assert caught.value.retry_after_s == 3
    assert caught.value.code == "vision_breaker_open"


async def test_a_half_open_one_lets_exactly_one_probe_through() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.time_s += 5
    answer = asyncio.Event()
    sent = []

    async def ask() -> bool:
        try:
            with breaker.attempt():
                sent.append(1)
                await answer.wait()
        except VisionBreakerOpen:
            return False
        return True

    tasks = [asyncio.create_task(ask()) for _ in range(50)]
    await asyncio.sleep(0)
    assert state_of(breaker) == "half_open"
    answer.set()
    assert sum(await asyncio.gather(*tasks)) == len(sent) == 1
    assert state_of(breaker) == "closed"


@pytest.mark.parametrize("error", [LOST, BUSY, VisionTimeout("slow", service="vqa")])
def test_a_probe_that_fails_opens_it_again(error: VisionError) -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.time_s += 5
    attempt(breaker, error)
    assert state_of(breaker) == "open"


@pytest.mark.parametrize("kind", [VisionRefused, VisionStarting])
def test_a_probe_that_meets_a_living_server_closes_it(kind: type[VisionError]) -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.time_s += 5
    attempt(breaker, kind("no", service="vqa"))
    assert state_of(breaker) == "closed"


async def test_a_probe_that_is_cancelled_leaves_the_next_one_to_decide() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.time_s += 5

    async def ask() -> None:
        with breaker.attempt():
            await asyncio.sleep(60)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert state_of(breaker) == "half_open"
    attempt(breaker)
    assert state_of(breaker) == "closed"


def test_what_ends_while_it_is_open_changes_nothing() -> None:
    clock = Clock()
    breaker = opened(clock)
    breaker.call_ended(failed=False)
    clock.time_s += 4.9
    assert state_of(breaker) == "open"


def test_a_window_forgets_and_stays_small() -> None:
    clock = Clock()
    window = Window(10, clock.now)
    for _ in range(1000):
        window.add("call")
        clock.time_s += 0.1
    assert 90 <= window.count("call") <= 100
    assert len(window._parts) <= 11
    clock.time_s += 11
    assert window.count("call", "retry") == 0


def test_an_outage_is_not_multiplied() -> None:
    budget = RetryBudget(Clock().now)
    retries = 0
    for _ in range(1000):
        budget.called()
        budget.attempted(answered=False)
        retries += sum(budget.take() for _ in range(3))
    assert retries == 10 + 200
    assert not budget.alive


def test_a_service_that_answers_most_has_retries_for_the_rest() -> None:
    budget = RetryBudget(Clock().now)
    for number in range(1000):
        budget.called()
        if number % 10 < 3:
            budget.attempted(answered=False)
            assert budget.take()
        budget.attempted(answered=True)
    assert budget.alive


def test_a_budget_is_renewed_after_its_window() -> None:
    clock = Clock()
    budget = RetryBudget(clock.now)
    assert [budget.take() for _ in range(11)] == [True] * 10 + [False]
    clock.time_s += 11
    assert budget.take()


async def test_a_gate_lets_some_through_some_wait_and_refuses_the_rest_at_once() -> None:
    gate, most, inside, waited = Gate("vqa", at_once=2, waiting=3), 0, 0, []

    async def ask() -> str:
        nonlocal most, inside
        try:
            async with gate.slot(10, lambda: waited.append(1)):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.01)
                inside -= 1
        except VisionOverloaded as error:
            return f"{error.code}, come back in {error.retry_after_s} s"
        return "answered"

    answers = await asyncio.gather(*(ask() for _ in range(9)))
    assert most == 2
    assert len(waited) == 3
    assert sorted(answers) == ["answered"] * 5 + ["vision_overloaded, come back in 2 s"] * 4
    assert await ask() == "answered"


async def test_a_place_that_never_gets_free_is_waited_for_no_longer_than_the_deadline() -> None:
    gate = Gate("vqa", at_once=1, waiting=5)
    async with gate.slot(1, lambda: None):
        with pytest.raises(VisionOverloaded):
            async with gate.slot(0.01, lambda: None):
                pytest.fail("there was a place")
    async with gate.slot(1, lambda: None):
        pass
