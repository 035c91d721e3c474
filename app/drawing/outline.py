"""The graph as text. Nothing is fetched: LangGraph's PNG drawing would call a public service."""

from __future__ import annotations

import re
from typing import Literal

from app.drawing.run import Run, Step, lit_edges, seconds
from app.drawing.shape import END, START, Shape

STYLES = {
    "lit": "fill:#ddf4ff,stroke:#0969da,stroke-width:2px",
    "failed": "fill:#ffebe9,stroke:#cf222e,stroke-width:3px,stroke-dasharray:4 2",
}


def outlined(shape: Shape, run: Run | None = None) -> str:
    """An indented outline: every node once in full, later mentions by name alone."""
    lines: list[str] = []
    shown: set[str] = set()

    def walk(node: str, prefix: str, link: str, below: str) -> None:
        children = shape.after(node)
        again = node in shown and bool(children)
        told = "  (above)" if again else _told(node, run)
        lines.append(f"{prefix}{link}{shape.name(node)}{told}")
        if again:
            return
        shown.add(node)
        for child in children:
            last = child == children[-1]
            only = len(children) == 1
            mark = "-> " if only else ("`-> " if last else "|-> ")
            walk(child, prefix + below, mark, "   " if only or last else "|  ")

    walk(START, "", "", "")
    return "\n".join(lines) + "\n"


def _told(node: str, run: Run | None) -> str:
    if run is None or node in (START, END):
        return ""
    steps = run.at(node)
    return "  " + "; ".join(map(_step, steps)) if steps else "  (not taken)"


def _step(step: Step) -> str:
    parts = [step.task, seconds(step.ms), f"{step.attempts} attempts" if step.attempts > 1 else ""]
    told = ", ".join(part for part in parts if part) or "ran"
    return told if step.status == "ok" else f"{told}, {step.status.upper()}"


def run_in_mermaid(mermaid: str, shape: Shape, run: Run) -> str:
    """LangGraph's Mermaid text with the path taken marked, and the times as comments."""
    ran = {step.node: step.status for step in run.steps if step.node in shape.nodes}
    lines = [f"\tclassDef {name} {style}" for name, style in STYLES.items()]
    kinds: tuple[Literal["lit", "failed"], ...] = ("lit", "failed")
    for kind in kinds:
        named = [node for node in ran if (_worst(run, node) == "failed") == (kind == "failed")]
        if named:
            lines.append(f"\tclass {','.join(named)} {kind}")
    lit = lit_edges(shape, run)
    ways = re.findall(r"^\s*(\S+) (?:-->|-\.->) (\S+);", mermaid, re.MULTILINE)
    numbers = [str(number) for number, way in enumerate(ways) if way in lit]
    if numbers:
        lines.append(f"\tlinkStyle {','.join(numbers)} stroke:#0969da,stroke-width:3px")
    lines += [f"\t%% {step.node}: {_step(step)}" for step in run.steps]
    return mermaid.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def _worst(run: Run, node: str) -> str:
    return "failed" if any(step.status == "failed" for step in run.at(node)) else "ok"
