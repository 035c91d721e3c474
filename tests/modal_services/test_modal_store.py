from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import modal
import pytest
from modal.exception import (
    ConnectionError as ModalConnectionError,
)
from modal.exception import (
    FunctionTimeoutError,
    InternalFailure,
    NotFoundError,
    OutputExpiredError,
    RemoteError,
)

from modal_services.engine import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineRefused,
    EngineTimeout,
    Prompt,
    Turn,
    Usage,
)
from modal_services.engines.remote import RemoteEngine
from modal_services.jobs import Done, Failed, Missing, Outcome, Pending
from modal_services.stores.modal import ModalJobs, packed, remote_call, unpacked, warmth
from modal_services.wire import ChatCompletion, ChatRequest
from tests.fakes import completion

pytestmark = pytest.mark.anyio

ANSWER = Done(ChatCompletion.model_validate(completion()))
REQUEST = ChatRequest.model_validate(
    {"model": "m", "messages": [{"role": "user", "content": "How many ships?"}]}
)


@dataclass
class FakeMethod:
    """A Modal method whose calls answer with a value or raise Modal's real exceptions."""

    result: Any = None
    asked: list[Any] = field(default_factory=list)

    async def _answer(self, *given: Any, **_options: Any) -> Any:
        self.asked.extend(given)
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result

    @property
    def spawn(self) -> Any:
        return SimpleNamespace(aio=self._answer)

    remote = get = get_current_stats = cancel = spawn


def jobs_that_get(result: Any) -> ModalJobs:
    call: Callable[[str], Any] = lambda _call_id: FakeMethod(result)  # noqa: E731
    return ModalJobs(FakeMethod(), call)


OUTCOMES: list[tuple[Any, Outcome]] = [
    (packed(ANSWER), ANSWER),
    (packed(Failed("No.", "trace", 502)), Failed("No.", "trace", 502)),
    (TimeoutError(), Pending()),
    (OutputExpiredError(), Missing()),
    (NotFoundError("gone"), Missing()),
    (RemoteError("terminated"), Failed("The job was cancelled.", "terminated")),
    (InternalFailure("lost"), Failed("The worker was lost: InternalFailure.", "lost")),
    (FunctionTimeoutError("slow"), Failed("The worker was lost: FunctionTimeoutError.", "slow")),
]


@pytest.mark.parametrize(("result", "outcome"), OUTCOMES)
async def test_what_modal_says_of_a_call_is_its_outcome(result: Any, outcome: Outcome) -> None:
    assert await jobs_that_get(result).outcome("fc-abc") == outcome


@pytest.mark.parametrize("call_id", ["garbage", "fc-", "ap-123", "../x"])
async def test_another_spelling_never_reaches_modal(call_id: str) -> None:
    assert await jobs_that_get(ZeroDivisionError()).outcome(call_id) == Missing()


async def test_a_job_is_spawned_with_plain_json() -> None:
    method = FakeMethod(SimpleNamespace(object_id="fc-abc"))
    jobs = ModalJobs(method)
    async with jobs.working(lambda _request: pytest.fail("Modal runs the jobs")):
        assert await jobs.submit(REQUEST) == "fc-abc"
    assert method.asked == [REQUEST.model_dump(mode="json")]


@pytest.mark.parametrize(
    ("result", "cancellation"),
    [(TimeoutError(), "cancelled"), (packed(ANSWER), "ended"), (NotFoundError("gone"), "missing")],
)
async def test_a_call_that_has_not_ended_is_cancelled(result: Any, cancellation: str) -> None:
    ended: list[bool] = []

    async def cancel() -> None:
        ended.append(True)

    call = FakeMethod(result)
    there = SimpleNamespace(get=call.get, cancel=SimpleNamespace(aio=cancel))
    assert await ModalJobs(FakeMethod(), lambda _id: there).cancel("fc-abc") == cancellation
    assert ended == [True] * (cancellation == "cancelled")


async def test_a_workers_answer_streams_in_one_piece() -> None:
    engine = remote_engine(FakeMethod(packed(ANSWER)))
    (only,) = [delta async for delta in engine.stream(Prompt((Turn("user", ("?",)),)))]
    assert (only.text, only.finish_reason, only.usage) == ("Three ships.", "stop", Usage(7, 3))


def test_an_envelope_survives_the_way_there_and_back() -> None:
    for outcome in (ANSWER, Failed("No.", "trace", 503)):
        assert unpacked(packed(outcome)) == outcome


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (packed(Failed("no", status=400)), EngineRefused),
        (packed(Failed("no", status=503)), EngineBusy),
        (packed(Failed("no", status=504)), EngineTimeout),
        (packed(Failed("no", status=500)), EngineFailed),
        (ModalConnectionError("lost"), EngineBusy),
    ],
)
async def test_a_workers_failure_is_an_engines(result: Any, kind: type[EngineError]) -> None:
    engine = remote_engine(FakeMethod(result))
    with pytest.raises(kind):
        await engine.chat(Prompt((Turn("user", ("How many ships?",)),)))


async def test_a_workers_answer_is_an_engines() -> None:
    method = FakeMethod(packed(ANSWER))
    engine = remote_engine(method)
    reply = await engine.chat(Prompt((Turn("user", ("How many ships?",)),)))
    await engine.aclose()
    assert (reply.text, reply.usage) == ("Three ships.", Usage(7, 3))
    assert method.asked[0]["model"] == "m"


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (SimpleNamespace(num_total_runners=1), "ready"),
        (SimpleNamespace(num_total_runners=0), "cold"),
        (ModalConnectionError("lost"), "down"),
    ],
)
async def test_a_worker_without_a_container_is_cold(result: Any, state: str) -> None:
    health = await remote_engine(FakeMethod(result)).health()
    assert health.state == state


def remote_engine(method: FakeMethod) -> RemoteEngine:
    return RemoteEngine(remote_call(method), warmth(method), "m")


def test_modal_is_the_version_whose_exceptions_these_are() -> None:
    assert modal.__version__.startswith("1.")
    assert not issubclass(OutputExpiredError, TimeoutError)
