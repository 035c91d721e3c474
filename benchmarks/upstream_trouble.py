"""Turns over services that fail: how many are answered, and what that costs.

    python -m benchmarks.upstream_trouble [--questions 2000] [--share 0.3] [--seed 1] [--json]

The real agent, graph, ledger and client over a transport that fails a share of its requests,
independently: 503, 429 with Retry-After, resets, refused connections, timeouts and JSON that is cut
off. Waits pass on a clock of the benchmark's own; the outage is timed on the real one. Exits 1 if
fewer than 99.9 % are answered, a question takes more than 1.45 calls, a 4xx is sent twice, or an
outage is answered in more than a second once the breaker is open.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.agent import Agent
from app.orchestrator import build_graph
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from app.services.threads import open_threads
from app.settings import Settings
from imagery.store import ImageStore
from tests.failing_upstream import FailingUpstream
from tests.fakes import Clock, data_uri

LEAST_ANSWERED, MOST_CALLS, MOST_S = 0.999, 1.45, 1.0
QUESTION = "How many ships are there?"
REFUSALS = (400, 401, 403, 404, 413, 415, 422)


@dataclass(frozen=True)
class Found:
    """What a run came to.

    Attributes:
        calls: requests a question.
        refused_calls: requests a question that a service refuses with a 4xx; must be 1.
        outage_s: the slowest turn of an outage once the breaker is open.
    """

    questions: int
    answered: float
    calls: float
    early: int
    refused_calls: float
    outage_s: float

    @property
    def good(self) -> bool:
        """Whether all of it is as promised."""
        kept = self.answered >= LEAST_ANSWERED and self.calls <= MOST_CALLS and self.early == 0
        return kept and self.refused_calls == 1 and self.outage_s <= MOST_S


async def measured(questions: int, share: float, seed: int, folder: Path) -> Found:
    """Asks that many questions of a troubled service, then of one that refuses, then of none."""
    clock, dice = Clock(), random.Random(seed)  # noqa: S311 - a benchmark's dice
    troubled = FailingUpstream(clock, dice, share)
    answered = 0
    async with _agent(folder / "troubled", troubled, clock, dice) as agent:
        image = (await agent.keep_image(data_uri())).url
        for _ in range(questions):
            troubled.asked_to_wait_until = 0  # another question may come at any time
            answered += (await agent.ask(QUESTION, image=image)).status == "answered"
    return Found(
        questions=questions,
        answered=answered / questions,
        calls=troubled.requests / questions,
        early=troubled.early,
        refused_calls=await _refused(folder / "refused"),
        outage_s=await _outage(folder / "outage"),
    )


async def _refused(folder: Path) -> float:
    asked = 0

    def refuse(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(REFUSALS[asked % len(REFUSALS)])

    async with _agent(folder, refuse, Clock(), random.Random(1)) as agent:  # noqa: S311
        for _ in REFUSALS:
            turn = await agent.ask(QUESTION, image=data_uri())
            if turn.status != "failed":
                raise AssertionError(turn)
    return asked / len(REFUSALS)


async def _outage(folder: Path) -> float:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    slowest = 0.0
    async with _agent(folder, refuse, Clock(), random.Random(1)) as agent:  # noqa: S311
        while agent.vision.breaker_state("vqa") != "open":
            await agent.ask(QUESTION, image=data_uri())
        for _ in range(10):
            began = time.perf_counter()
            turn = await agent.ask(QUESTION, image=data_uri())
            slowest = max(slowest, time.perf_counter() - began)
            if not turn.answer.startswith("I could not answer: "):
                raise AssertionError(turn)
    return slowest


@contextlib.asynccontextmanager
async def _agent(
    folder: Path,
    answer: FailingUpstream | object,
    clock: Clock,
    dice: random.Random,
) -> AsyncIterator[Agent]:
    settings = Settings(data_dir=folder, _env_file=None)
    transport = httpx.MockTransport(answer)  # type: ignore[arg-type]
    endpoint = Endpoint("http://vlm", "m", 120, engine="upstream", transport=transport)
    retry = RetryPolicy(sleep=clock.sleep, jitter=dice.random)
    async with (
        open_threads(settings.threads_place) as threads,
        ModalServiceClient(endpoint, endpoint, retry, now=clock.now) as vision,
    ):
        images = ImageStore(folder / "images", settings.image_limits)
        yield Agent(build_graph(threads.checkpoints), images, vision, settings, threads)


def main() -> None:
    """Prints one run."""
    parser = argparse.ArgumentParser(description="Turns over services that fail.")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = measured(options.questions, options.share, options.seed, Path(folder))
        found = asyncio.run(run)
    if options.json:
        sys.stdout.write(json.dumps({**vars(found), "good": found.good}) + "\n")
    else:
        sys.stdout.write(
            f"answered {found.answered:.2%} of {found.questions}, {found.calls:.3f} calls each, "
            f"{found.early} before Retry-After; of a 4xx {found.refused_calls:g} call; "
            f"an outage answered within {1000 * found.outage_s:.0f} ms\n"
        )
    sys.exit(0 if found.good else 1)


if __name__ == "__main__":
    main()
