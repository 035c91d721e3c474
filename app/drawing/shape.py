"""What a graph looks like to a drawing: its nodes, and where each leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from langchain_core.runnables.graph import Graph

START, END = "__start__", "__end__"
HANDLER = "__error_handler__"  # nodes of LangGraph's own, which catch what another one raises


class Drawable(Protocol):
    """A compiled graph, as far as a drawing needs it."""

    def get_graph(self) -> Graph:
        """LangGraph's own description."""
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
    found = _own(graph)
    return Shape(tuple(found.nodes), tuple((edge.source, edge.target) for edge in found.edges))


def mermaid_of(graph: Drawable) -> str:
    """LangGraph's own Mermaid text."""
    return _own(graph).draw_mermaid()


def _own(graph: Drawable) -> Graph:
    """LangGraph's description without the handlers of errors, which no edge leads to."""
    found = graph.get_graph()
    nodes = {name: node for name, node in found.nodes.items() if not name.startswith(HANDLER)}
    edges = [edge for edge in found.edges if {edge.source, edge.target} <= set(nodes)]
    return Graph(nodes=nodes, edges=edges)
