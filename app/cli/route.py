"""swath route: what a message would be taken for, and which rule says so. No model is asked."""

from __future__ import annotations

from app.cli.words import say, say_json
from app.routing import Plan, Task, VqaType, plan, route_name


def run(
    query: str,
    *,
    has_image: bool,
    history: list[str],
    task: Task | None,
    vqa_type: VqaType | None,
    as_json: bool,
) -> None:
    """Prints the plan of a message."""
    found = plan(query, has_image=has_image, history=history, task=task, vqa_type=vqa_type)
    if as_json:
        say_json(found.as_json())
    else:
        say("\n".join(plan_as_lines(found, has_image=has_image)))


def plan_as_lines(found: Plan, *, has_image: bool) -> list[str]:
    """The plan for people: a line a task, then who decided."""
    lines = []
    for one in found.tasks:
        name = route_name(one.task, one.vqa_type)
        kind = f" ({one.subtype})" if one.subtype else ""
        lines.append(f"{name + kind:<28} {_short(one.text)}".rstrip())
    lines.append(f"  decided by  {found.source}: {found.rule}")
    if found.confidence is not None:
        lines.append(f"  right in    {found.confidence:.0%} of labelled queries of this kind")
    if found.alternatives:
        lines.append(f"  else        {', '.join(found.alternatives)}")
    lines += [f"  left out    {_short(text)}" for text in found.left_out]
    if found.asks_model and not has_image:
        lines.append("  note        there is no image, so Swath asks for one first")
    return lines


def _short(text: str) -> str:
    shown, words = 60, " ".join(text.split())
    return words if len(words) <= shown else words[:shown] + "..."
