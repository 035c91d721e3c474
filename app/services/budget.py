"""How much a service may be asked again, so that an outage is not multiplied."""

from __future__ import annotations

from collections.abc import Callable

from app.services.window import Window

WINDOW_S = 10
FLOOR = 10
PER_CALL = 0.2
PER_ANSWER = 0.4
HEALTH_S = 60
ALIVE = 0.25


class RetryBudget:
    """Retries of a service in ten seconds: ten, and one for every five calls.

    A service that answers earns more, two for every five answers: at 30 % failures a call needs
    0.43 retries, which multiplies nothing, while a service that answers nobody earns none.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._spent = Window(WINDOW_S, now)
        self._health = Window(HEALTH_S, now)

    def called(self) -> None:
        """A call begins."""
        self._spent.add("call")

    def attempted(self, *, answered: bool) -> None:
        """One attempt of a call ended."""
        self._health.add("answer" if answered else "failure")
        if answered:
            self._spent.add("answer")

    def take(self) -> bool:
        """Whether one more retry is within the budget; it is spent then."""
        calls, answers = self._spent.count("call"), self._spent.count("answer")
        allowed = FLOOR + PER_CALL * calls + PER_ANSWER * answers
        if self._spent.count("retry") + 1 > allowed:
            return False
        self._spent.add("retry")
        return True

    @property
    def alive(self) -> bool:
        """Whether a failure is bad luck and no outage: a quarter of a minute's is answered."""
        answers = self._health.count("answer")
        return answers > 0 and answers >= ALIVE * self._health.count("answer", "failure")
