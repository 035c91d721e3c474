"""From a turn as it is kept, to a run as it is drawn. This is the one place that knows the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.drawing.run import Run, Status, Step, seconds, shown

Entry = Mapping[str, Any]
STATUSES: Mapping[str, Status] = {"ok": "ok", "error": "failed"}
TITLE = re.compile(r"^[A-Z]\w*(?: \([^)]*\))?: (?:Failed - )?")  # "VQA (area): Failed - "
TOLD = ("ms", "attempt", "attempts", "task", "vqa_type", "index")  # elsewhere in a step
WORDS: Mapping[str, str] = {
    "status": "HTTP",
    "statuses": "HTTP",
    "waited_s": "waited s",
    "waits_s": "waited s",
    "call_id": "job",
    "upstream_id": "upstream id",
}


def run_of(
    turn: Mapping[str, Any],
    *,
    message: str,
    number: int = 1,
    jobs: Mapping[str, str] | None = None,
) -> Run:
    """The run of a turn.

    Args:
        turn: `app.turn.Turn` as JSON, or as much of it as there is.
        message: what was asked.
        number: the turn's place in its thread.
        jobs: the call ids of the jobs that it submitted, by the number of the task.
    """
    tasks = _tasks(turn)
    route = turn.get("route") or {}
    log: Sequence[Entry] = turn.get("execution_log") or ()
    steps = [_step(key, own, tasks, jobs or {}) for key, own in _grouped(log)]
    decided = ": ".join(shown(route[key]) for key in ("source", "rule") if route.get(key))
    return Run(
        message=shown(message),
        status=str(turn.get("status") or "open"),
        steps=tuple(_with_usage(steps, turn)),
        thread_id=str(turn.get("thread_id") or ""),
        turn_id=str(turn.get("turn_id") or ""),
        number=number,
        ms=turn.get("ms"),
        tasks=tuple(tasks),
        decided=decided,
    )


def _tasks(turn: Mapping[str, Any]) -> list[str]:
    """The names of what was planned: `vqa/counting`, `captioning`."""
    route = turn.get("route") or {}
    planned = turn.get("tasks") or route.get("tasks") or ([route] if route else [])
    return [_name(one) for one in planned]


def _name(task: Any) -> str:
    if not isinstance(task, Mapping):
        return shown(task)
    kind = task.get("vqa_type")
    return f"{task.get('task')}/{kind}" if kind else str(task.get("task"))


def _grouped(log: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries of each part of the run: their keys differ in their last word alone."""
    groups: dict[str, list[Entry]] = {}
    for entry in log:
        groups.setdefault(str(entry["key"]).rpartition("/")[0], []).append(entry)
    return list(groups.items())


def _step(key: str, own: list[Entry], tasks: list[str], jobs: Mapping[str, str]) -> Step:
    last = next((entry for entry in reversed(own) if entry["event"] in STATUSES), own[-1])
    detail: Mapping[str, Any] = last.get("detail") or {}
    merged = {**detail, **{name: last[name] for name in TOLD if last.get(name) is not None}}
    number = _number(key, merged)
    calls = str(last["node"]).startswith("call_")
    task = ""
    if calls:
        task = _name(merged) if merged.get("task") else _at(tasks, number)
    facts = _facts(detail)
    if calls and str(number) in jobs:
        facts = (*facts, f"job {shown(jobs[str(number)])}")
    return Step(
        key=key,
        node=str(last["node"]),
        status=STATUSES.get(last["event"], "unfinished"),
        ms=merged.get("ms"),
        attempts=int(merged.get("attempts") or merged.get("attempt") or 0),
        task=task,
        said=TITLE.sub("", shown(last.get("message") or "")),
        facts=tuple(dict.fromkeys(facts)),
    )


def _with_usage(steps: list[Step], turn: Mapping[str, Any]) -> list[Step]:
    """The steps; what one service alone was asked for has cost what the turn has."""
    usage = (turn.get("detail") or {}).get("usage")
    calls = [step for step in steps if step.node.startswith("call_")]
    if len(calls) != 1 or not usage or any("tokens" in fact for fact in calls[0].facts):
        return steps
    facts = (*_facts({"usage": usage}), *calls[0].facts)
    return [replace(step, facts=facts) if step is calls[0] else step for step in steps]


def _number(key: str, merged: Mapping[str, Any]) -> int:
    """Which of the planned tasks a step was for: told, or the end of its key, else the first."""
    if isinstance(merged.get("index"), int):
        return int(merged["index"])
    end = key.rpartition("/")[2].rpartition("#")[2]
    return int(end) if end.isdecimal() else 0


def _at(tasks: list[str], number: int) -> str:
    return tasks[number] if number < len(tasks) else ""


def _facts(detail: Mapping[str, Any]) -> tuple[str, ...]:
    """What a detail says in short: statuses, waits, tokens, ids; nothing nested, nothing long."""
    found = []
    for name, value in detail.items():
        if name in TOLD or value in (None, "", [], {}):
            continue
        if name == "usage" and isinstance(value, Mapping):
            tokens = f"{value.get('prompt_tokens', '?')} + {value.get('completion_tokens', '?')}"
            found.append(f"{tokens} tokens")
        elif isinstance(value, str | int | float):
            found.append(f"{WORDS.get(name, name)} {shown(value, 80)}")
        elif isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
            found.append(f"{WORDS.get(name, name)} {shown(', '.join(map(str, value)), 80)}")
    return tuple(found)


def facts_line(step: Step) -> str:
    """Everything that a step cost, in one line."""
    many = f"attempts {step.attempts}" if step.attempts else ""
    parts = (seconds(step.ms), step.task, many, *step.facts)
    return "  ".join(part for part in parts if part)
