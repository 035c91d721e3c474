"""swath trace: what a turn did, node by node, and the checkpoints that it can be run again from."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import typer

from app.cli.trouble import read_settings, told_plainly
from app.cli.words import say, say_json
from app.drawing import drawn
from app.drawing.reading import facts_line
from app.drawing.run import Run, Step, seconds, shown
from app.orchestrator import Graph, build_graph
from app.services.threads import Threads, open_threads
from app.tracing import Trace, traced

DEBUG = "Only the turn's end was kept. SWATH_DURABILITY=debug keeps every step of turns to come."
LONGEST = 160  # characters of one line


def run(
    thread_id: str, turn: str | None, svg: Path | None, *, checkpoints: bool, as_json: bool
) -> None:
    """Prints the trace of a turn, or its checkpoints; draws it where a file is named."""
    found = read_trace(thread_id, turn)
    if svg:
        with told_plainly():
            svg.write_text(drawn(build_graph(), "svg", found.run), encoding="utf-8")
        typer.echo(f"swath: wrote {svg}", err=True)
    if as_json:
        say_json(asdict(found))
    elif checkpoints:
        say("\n".join(checkpoint_lines(found)))
    else:
        say("\n".join(trace_lines(found)))
    if not found.stepped and not as_json:
        typer.echo(f"swath: {DEBUG}", err=True)


def read_trace(thread_id: str, turn: str | None) -> Trace:
    """The trace out of the threads that the settings name."""
    settings = read_settings()

    async def read() -> Trace:
        async with _threads_of(settings.threads_place) as (threads, graph):
            return await traced(threads, graph, thread_id, turn)

    with told_plainly():
        return asyncio.run(read())


@contextlib.asynccontextmanager
async def _threads_of(place: str | Path) -> AsyncIterator[tuple[Threads, Graph]]:
    async with open_threads(place) as threads:
        yield threads, build_graph(threads.checkpoints)


def trace_lines(found: Trace) -> list[str]:
    """The trace for people: the turn, then every part of it, then what each node changed."""
    lines = [_first_line(found.run)]
    widest = max((len(step.node) for step in found.run.steps), default=0)
    for step, mark in _marked(found.run.steps):
        lines += _step_lines(step, mark, widest, found.run)
    if found.forked_from:
        lines.append(f"forked from {found.forked_from}: the steps before are that turn's")
    if found.changes:
        lines.append("changed")
    width = max((len(change.node) for change in found.changes), default=0)
    for change in found.changes:
        lines.append(f"  {change.node:<{width}}  {', '.join(change.keys)}")
    return lines


def _first_line(run: Run) -> str:
    many = f"{len(run.tasks)} task{'s' if len(run.tasks) != 1 else ''}" if run.tasks else ""
    parts = (f'turn {run.number}  "{run.message}"', seconds(run.ms), many, run.outcome)
    return "  ".join(part for part in parts if part)


def _marked(steps: tuple[Step, ...]) -> list[tuple[Step, str]]:
    """Steps with the branch before them: those that ran beside each other hang on one stem."""
    beside = [step.key for step in steps if step.node.startswith("call_") or step.node == "reply"]
    if len(beside) < 2:  # noqa: PLR2004
        return [(step, "  ") for step in steps]
    marks = dict.fromkeys(beside, "├ ") | {beside[-1]: "└ "}
    return [(step, marks.get(step.key, "  ")) for step in steps]


def _step_lines(step: Step, mark: str, widest: int, run: Run) -> list[str]:
    facts = facts_line(step)
    if step.node == "classify":
        routed = " + ".join(run.tasks)
        facts = "  ".join(part for part in (facts, routed, run.decided) if part)
    status = {"ok": "", "failed": "FAILED  ", "unfinished": "DID NOT END  "}[step.status]
    lines = [f"  {mark}{step.node:<{widest}}  {status}{facts}".rstrip()]
    told = (*step.notes, step.said) if step.status == "failed" else step.notes
    return lines + [f"    {'':<{widest}}  {shown(line, LONGEST)}" for line in told if line]


def checkpoint_lines(found: Trace) -> list[str]:
    """The turn's checkpoints for people, the oldest first."""
    lines = [_first_line(found.run)]
    for each in found.checkpoints:
        after = ", ".join(name.strip("_") for name in each.after) or "asked"
        coming = ", ".join(name.strip("_") for name in each.next) or "the end"
        lines.append(f"  {each.checkpoint_id}  after {after}, next {coming}")
    return lines
