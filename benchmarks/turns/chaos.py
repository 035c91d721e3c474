"""kill -9 at random points under load: what is lost, doubled, reordered, submitted twice."""

from __future__ import annotations

import asyncio
import functools
import random
import time
from collections import Counter
from dataclasses import asdict, dataclass, field

from app.agent import open_agent
from app.settings import Settings
from benchmarks.turns.driver import Plan, answer, question, run
from benchmarks.turns.fleet import Process, Record

FINISH_S = 120


@dataclass
class Verdict:
    """What a run of kills came to; the first four must be 0."""

    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    wrong: int = 0
    open: int = 0
    turns: int = 0
    kills: int = 0
    submits: int = 0
    jobs: int = 0
    seconds: float = 0
    notes: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is amiss."""
        return not (self.lost or self.doubled or self.reordered or self.wrong or self.open)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def torment(
    settings: Settings, image: str, *, kills: int, processes: int, threads: int, longest_s: float
) -> Verdict:
    """Kills one of several processes again and again, then lets them finish, then looks."""
    began, record = time.monotonic(), Record()
    names = [[f"t{number}-{of}" for of in range(threads)] for number in range(processes)]

    def begin(number: int, upto: dict[str, int] | None = None) -> Process:
        start = {name: record.first_unanswered(name) for name in names[number]}
        return Process(functools.partial(run, settings, Plan(start, upto, image)))

    alive = [begin(number) for number in range(processes)]
    for _ in range(kills):
        _listen(alive, record, random.uniform(0, longest_s))  # noqa: S311 - a delay
        number = random.randrange(processes)  # noqa: S311
        alive[number].kill(record)
        alive[number] = begin(number)
    for process in alive:
        process.kill(record)
    alive = [begin(number, record.sent_of(names[number])) for number in range(processes)]
    codes = _finish(alive, record)
    verdict = asyncio.run(judged(settings, record))
    verdict.kills = kills + processes
    verdict.seconds = round(time.monotonic() - began, 1)
    verdict.notes += [f"a process ended with {code}" for code in codes if code]
    return verdict


def _listen(alive: list[Process], record: Record, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.05))
        for process in alive:
            process.read(record)


def _finish(alive: list[Process], record: Record) -> list[int]:
    end, codes = time.monotonic() + FINISH_S, []
    while time.monotonic() < end and not all(process.done() for process in alive):
        _listen(alive, record, 0.1)
    for process in alive:
        if process.done():
            codes.append(process.wait(record))
        else:
            process.kill(record)
            codes.append(-1)
    return codes


async def judged(settings: Settings, record: Record) -> Verdict:
    """Compares the transcripts with what was sent, and with every answer that was received."""
    verdict = Verdict(turns=sum(record.sent.values()))
    async with open_agent(settings, isolated=False) as agent:
        verdict.open = len(await agent.threads.ledger.all_open())
        for thread, count in record.sent.items():
            said: list[tuple[str, str]] = []
            while page := await agent.transcript(thread, after=len(said), limit=1000):
                said += [(message.role, message.content) for message in page]
            compare(said, thread, count, verdict)
            state = await agent.graph.aget_state({"configurable": {"thread_id": thread}})
            kept = [message.text for message in state.values["messages"]]
            verdict.reordered += kept != [content for _, content in said][-len(kept) :]
            got = record.got.get(thread, {})
            wrong = sum(answers != {answer(thread, at)} for at, answers in got.items())
            verdict.wrong += wrong
    return verdict


def compare(said: list[tuple[str, str]], thread: str, count: int, verdict: Verdict) -> None:
    """Adds what one thread's transcript has too little, too much, or in the wrong place."""
    wanted = [
        line
        for number in range(count)
        for line in (
            ("user", question(thread, number)),
            ("assistant", answer(thread, number)),
        )
    ]
    if said == wanted:
        return
    have, want = Counter(said), Counter(wanted)
    lost, more = want - have, have - want
    verdict.lost += lost.total()
    verdict.doubled += more.total()
    verdict.reordered += not lost and not more
    verdict.notes.append(f"{thread}: lost {list(lost)[:3]}, too many {list(more)[:3]}")
