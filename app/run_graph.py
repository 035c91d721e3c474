"""The graph with the path of one run in it, as something that a notebook shows by itself.

Only text is made here and nothing is fetched. A layout to SVG may come in one place, `_svg_of`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.orchestrator import build_graph
from app.state import LogEntry

HANDLERS = "__error_handler__"
TAKEN = "fill:#d7f0dd,stroke:#1a7f37,stroke-width:2px"
FAILED = "fill:#ffe3e0,stroke:#c0392b,stroke-width:2px"


@dataclass(frozen=True, slots=True)
class RunGraph:
    """The graph as Mermaid text with the path taken."""

    mermaid: str

    def __str__(self) -> str:
        return self.mermaid

    def _repr_markdown_(self) -> str:
        return f"```mermaid\n{self.mermaid}```\n"

    def _repr_svg_(self) -> str | None:
        return _svg_of(self.mermaid)


def run_graph(entries: Iterable[LogEntry]) -> RunGraph:
    """The graph with the nodes that a turn's log tells of."""
    taken: Mapping[str, list[LogEntry]] = defaultdict(list)
    for one in entries:
        taken[one["node"]].append(one)
    return RunGraph(_with_path(without_handlers(build_graph().get_graph().draw_mermaid()), taken))


def without_handlers(mermaid: str) -> str:
    """The drawing without the nodes that LangGraph keeps for errors, which no edge leads to."""
    return "".join(line for line in mermaid.splitlines(keepends=True) if HANDLERS not in line)


def _with_path(mermaid: str, taken: Mapping[str, list[LogEntry]]) -> str:
    for node, entries in taken.items():
        ms = sum(one["ms"] or 0 for one in entries)
        runs = sum(one["event"] in ("ok", "error") for one in entries)
        told = f"{node}<br/>{ms:.0f} ms" + (f", {runs} tasks" if runs > 1 else "")
        mermaid = mermaid.replace(f"\t{node}({node})\n", f"\t{node}({told})\n")
    failed = [node for node, of in taken.items() if any(one["event"] == "error" for one in of)]
    passed = [node for node in ("__start__", *taken, "__end__") if node not in failed]
    styles = [(passed, "taken", TAKEN), (failed, "failed", FAILED)]
    for nodes, name, style in styles:
        if nodes:
            mermaid += f"\tclassDef {name} {style}\n\tclass {','.join(nodes)} {name}\n"
    return mermaid


def _svg_of(_mermaid: str) -> str | None:
    return None  # a notebook then takes the Markdown
