"""Where the nodes of a small graph go: in layers from top to bottom, in Sugiyama's manner.

Layers by the longest way from a start, a bend in every layer that an edge passes, few crossings by
the mean place of neighbours, each layer centred. Made for tens of nodes.

K. Sugiyama, S. Tagawa, M. Toda: Methods for visual understanding of hierarchical system structures,
IEEE Transactions on Systems, Man, and Cybernetics 11 (1981), 109-125.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]
Point = tuple[float, float]
GAP_X, GAP_Y, BEND = 28.0, 50.0, 8.0
SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes as (left, top, width, height), and of each edge the points that it passes."""

    width: float
    height: float
    boxes: Mapping[str, tuple[float, float, float, float]]
    routes: Mapping[Edge, Sequence[Point]]


def laid_out(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> Layout:
    """The layout of boxes of given sizes; an edge that leads back is drawn upwards."""
    downward = _downward(list(sizes), [edge for edge in edges if edge[0] != edge[1]])
    ranks = _ranks(list(sizes), list(downward.values()))
    layers, chains = _layers(ranks, downward)
    _untangle(layers, [pair for chain in chains.values() for pair in pairwise(chain)])
    widths = {node: sizes[node][0] if node in sizes else BEND for row in layers for node in row}
    total = max(sum(widths[node] for node in row) + GAP_X * (len(row) - 1) for row in layers)
    boxes: dict[str, tuple[float, float, float, float]] = {}
    y = 0.0
    for row in layers:
        height = max(sizes[node][1] if node in sizes else 0.0 for node in row)
        x = (total - sum(widths[node] for node in row) - GAP_X * (len(row) - 1)) / 2
        for node in row:
            own = sizes[node][1] if node in sizes else height
            boxes[node] = (x, y + (height - own) / 2, widths[node], own)
            x += widths[node] + GAP_X
        y += height + GAP_Y
    routes = {
        edge: _route([boxes[node] for node in chain], back=downward[edge] != edge)
        for edge, chain in chains.items()
    }
    return Layout(total, y - GAP_Y, {node: boxes[node] for node in sizes}, routes)


def _downward(nodes: list[str], edges: list[Edge]) -> dict[Edge, Edge]:
    """Every edge, turned around where it would close a circle."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    found: dict[Edge, Edge] = {}
    open_: set[str] = set()
    done: set[str] = set()

    def visit(node: str) -> None:
        open_.add(node)
        for target in after[node]:
            found[node, target] = (target, node) if target in open_ else (node, target)
            if target not in open_ and target not in done:
                visit(target)
        open_.discard(node)
        done.add(node)

    for node in nodes:
        if node not in done:
            visit(node)
    return {edge: found[edge] for edge in edges}


def _ranks(nodes: list[str], edges: list[Edge]) -> dict[str, int]:
    ranks = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for source, target in edges:
            ranks[target] = max(ranks[target], ranks[source] + 1)
    return ranks


def _layers(
    ranks: dict[str, int], downward: Mapping[Edge, Edge]
) -> tuple[list[list[str]], dict[Edge, list[str]]]:
    """The nodes of each layer with the bends of the edges that pass it, and each edge's chain."""
    layers: list[list[str]] = [[] for _ in range(max(ranks.values()) + 1)]
    for node, rank in ranks.items():
        layers[rank].append(node)
    chains = {}
    for edge, (source, target) in downward.items():
        passed = range(ranks[source] + 1, ranks[target])
        bends = [f"{source} > {target} > {rank}" for rank in passed]
        for rank, bend in enumerate(bends, ranks[source] + 1):
            layers[rank].append(bend)
        chains[edge] = [source, *bends, target]
    return layers, chains


def _untangle(layers: list[list[str]], links: list[Edge]) -> None:
    """Sorts each layer by the mean place of its nodes' neighbours, downwards and upwards."""
    for sweep in range(SWEEPS):
        upwards = sweep % 2 == 1
        rows = layers[::-1] if upwards else layers
        for fixed, moved in pairwise(rows):
            place = {node: number - (len(fixed) - 1) / 2 for number, node in enumerate(fixed)}
            pulls: defaultdict[str, list[float]] = defaultdict(list)
            for above, below in links:
                if upwards and below in place:
                    pulls[above].append(place[below])
                elif not upwards and above in place:
                    pulls[below].append(place[above])
            means = {node: sum(pulls[node]) / max(1, len(pulls[node])) for node in moved}
            moved.sort(key=means.__getitem__)


def _route(boxes: list[tuple[float, float, float, float]], *, back: bool) -> list[Point]:
    first, *bends, last = boxes
    points = [(first[0] + first[2] / 2, first[1] + first[3])]
    for x, y, width, height in bends:
        points += [(x + width / 2, y), (x + width / 2, y + height)]
    points.append((last[0] + last[2] / 2, last[1]))
    return points[::-1] if back else points
