"""The graph as text. Nothing is fetched: LangGraph's PNG drawing would call a public service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.run_graph import HANDLERS, without_handlers

if TYPE_CHECKING:
    from app.orchestrator import Graph


def drawn(graph: Graph, kind: Literal["mermaid", "ascii"]) -> str:
    """The graph as Mermaid text or as characters."""
    picture = graph.get_graph()
    if kind == "mermaid":
        return without_handlers(picture.draw_mermaid())
    nodes = [node for node in picture.nodes if not node.startswith(HANDLERS)]
    return _ascii({node: [] for node in nodes}, [(e.source, e.target) for e in picture.edges])


def _ascii(children: dict[str, list[str]], edges: list[tuple[str, str]]) -> str:
    """An indented outline: every node once in full, later mentions by name alone."""
    for source, target in edges:
        children[source].append(target)
    lines: list[str] = []
    shown: set[str] = set()

    def walk(node: str, prefix: str, link: str, below: str) -> None:
        again = node in shown and bool(children[node])
        lines.append(f"{prefix}{link}{node.strip('_')}{'  (above)' if again else ''}")
        if again:
            return
        shown.add(node)
        for child in children[node]:
            last = child == children[node][-1]
            only = len(children[node]) == 1
            mark = "-> " if only else ("`-> " if last else "|-> ")
            walk(child, prefix + below, mark, "   " if only or last else "|  ")

    walk("__start__", "", "", "")
    return "\n".join(lines) + "\n"
