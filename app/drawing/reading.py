"""From a turn as it is kept, to a run as it is drawn. This is the one place that knows the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from app.drawing.run import Run, Status, Step, seconds, shown

Entry = Mapping[str, Any]
STATUSES: Mapping[str, Status] = {"ok": "ok", "error": "failed"}
TITLE = re.compile(r"^[A-Z]\w*(?: \([^)]*\))?: (?:Failed - )?")  # "VQA (area): Failed - "
TOLD = ("wait_s", "kind", "parts")  # elsewhere in a step
WORDS: Mapping[str, str] = {"status": "HTTP", "statuses": "HTTP", "call_id": "job"}


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
    plan = turn.get("plan") or turn.get("route") or {}
    tasks = [_name(one) for one in plan.get("tasks") or ([plan] if plan else [])]
    groups, usages = _grouped(turn.get("execution_log") or ()), _usages(turn)
    decided = ": ".join(shown(plan[key]) for key in ("source", "rule") if plan.get(key))
    return Run(
        message=shown(message),
        status=str(turn.get("status") or "open"),
        steps=tuple(_step(key, own, tasks, jobs or {}, usages) for key, own in groups),
        thread_id=str(turn.get("thread_id") or ""),
        turn_id=str(turn.get("turn_id") or ""),
        number=number,
        ms=turn.get("ms"),
        tasks=tuple(tasks),
        decided=decided,
    )


def _name(task: Mapping[str, Any]) -> str:
    kind = task.get("vqa_type")
    return shown(f"{task.get('task')}/{kind}" if kind else task.get("task"))


def _usages(turn: Mapping[str, Any]) -> list[Any]:
    """The tokens that each task has cost, where its service told."""
    parts = turn.get("answers") or [turn]
    return [part.get("usage") or (part.get("detail") or {}).get("usage") for part in parts]


def _grouped(log: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries of each part of the run: their keys are the same up to the event."""
    groups: dict[str, list[Entry]] = {}
    for entry in log:
        part = str(entry["key"]).rpartition(f"/{entry['event']}")[0]
        groups.setdefault(part, []).append(entry)
    return list(groups.items())


def _step(
    key: str, own: list[Entry], tasks: list[str], jobs: Mapping[str, str], usages: list[Any]
) -> Step:
    last = next((entry for entry in reversed(own) if entry["event"] in STATUSES), own[-1])
    number = _number(key)
    facts, task = list(_facts(own, last)), ""
    if str(last["node"]).startswith("call_"):
        task = tasks[number] if number < len(tasks) else ""
        if number < len(usages) and any((usages[number] or {}).values()):
            facts.insert(0, _tokens(usages[number]))
        if job := jobs.get(str(number)):
            facts.append(f"job {shown(job)}")
    return Step(
        key=key,
        node=str(last["node"]),
        status=STATUSES.get(last["event"], "unfinished"),
        ms=last.get("ms"),
        attempts=int(last.get("attempt") or last.get("attempts") or 0),
        task=task,
        said=_bare(last),
        facts=tuple(dict.fromkeys(facts)),
        notes=_counted(_bare(entry) for entry in own if entry["event"] == "retry"),
    )


def _counted(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines, each once, with how often it came."""
    return tuple(
        line if times == 1 else f"{line} ({times} times)" for line, times in Counter(lines).items()
    )


def _bare(entry: Entry) -> str:
    return TITLE.sub("", shown(entry.get("message") or ""))


def _number(key: str) -> int:
    """Which of the planned tasks a part was for: the end of its key, else the first."""
    end = key.rpartition("/")[2]
    return int(end) if end.isdecimal() else 0


def _tokens(usage: Mapping[str, Any]) -> str:
    return f"{usage.get('prompt_tokens', '?')} + {usage.get('completion_tokens', '?')} tokens"


def _facts(own: list[Entry], last: Entry) -> Iterable[str]:
    """What the details say in short: waits, statuses, ids; nothing nested, nothing long."""
    waits = [(entry.get("detail") or {}).get("wait_s") for entry in own]
    if waited_s := sum(wait for wait in waits if isinstance(wait, int | float)):
        yield f"waited {seconds(1000 * waited_s)}"
    for name, value in (last.get("detail") or {}).items():
        if name in TOLD or value in (None, "", [], {}):
            continue
        told = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(told, str | int | float):
            yield f"{WORDS.get(name, name)} {shown(told, 80)}"


def facts_line(step: Step) -> str:
    """Everything that a step cost, in one line."""
    many = f"attempts {step.attempts}" if step.attempts else ""
    parts = (seconds(step.ms), step.task, many, *step.facts)
    return "  ".join(part for part in parts if part)
