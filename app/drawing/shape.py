"""What a graph looks like to a drawing: its nodes, and where each leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

START, END = "__start__", "__end__"
HANDLER = "__error_handler__"  # nodes of LangGraph's own, which catch what another one raises


class Drawable(Protocol):
    """A compiled graph, as far as a drawing needs it."""

    def get_graph(self) -> Any:
        """LangGraph's own description, with `nodes`, `edges` and `draw_mermaid`."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph's nodes in their order, and its edges."""

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]

    def after(self, node: str) -> list[str]:
        """The nodes that a node leads to."""
        return [target for source, target in self.edges if source == node]

    def before(self, node: str) -> list[str]:
        """The nodes that lead to a node."""
        return [source for source, target in self.edges if target == node]

    def name(self, node: str) -> str:
        """A node's name for people."""
        return node.strip("_")


def shape_of(graph: Drawable) -> Shape:
    """A compiled graph's shape."""
    found = graph.get_graph()
    nodes = tuple(node for node in found.nodes if not node.startswith(HANDLER))
    edges = ((edge.source, edge.target) for edge in found.edges)
    return Shape(nodes, tuple(edge for edge in edges if set(edge) <= set(nodes)))


def mermaid_of(graph: Drawable) -> str:
    """LangGraph's own Mermaid text."""
    lines = str(graph.get_graph().draw_mermaid()).splitlines(keepends=True)
    return "".join(line for line in lines if HANDLER not in line)
