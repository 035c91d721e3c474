"""The graph as a scene; with a run, the path taken is lit and every part tells what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from app.drawing.layout import Layout, laid_out
from app.drawing.run import Run, Step, lit_edges, seconds, shown
from app.drawing.scene import (
    Box,
    Curve,
    Ink,
    Part,
    Scene,
    Stroke,
    Words,
    fitted,
    text_width,
    wrapped,
)
from app.drawing.shape import END, START, Shape

MARGIN, PADDING, NAME, SMALL, LINE = 24.0, 14.0, 14.0, 12.0, 17.0
LEAST, MOST, HEADED = 96.0, 250.0, 480.0  # px: of a box; of a drawing with words above it


@dataclass(frozen=True, slots=True)
class Node:
    """A box to be drawn: its name, lines of what it cost, and of what went wrong."""

    name: str
    lines: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    state: str = "plain"

    @property
    def size(self) -> tuple[float, float]:
        """Its width and height in pixels."""
        if self.name in ("start", "end"):
            return 64.0, 28.0
        room = 2 * PADDING + (14 if self.state == "failed" else 0)
        widths = [text_width(self.name, NAME, bold=True)]
        widths += [text_width(line, SMALL) for line in (*self.lines, *self.trouble)]
        height = 2 * 11 + NAME + LINE * len(self.lines + self.trouble)
        return min(MOST, max(LEAST, max(widths) + room)), height


def scene_of(shape: Shape, run: Run | None = None) -> Scene:
    """The graph, or the run over it."""
    nodes, edges, lit = _parts(shape, run)
    layout = laid_out({key: node.size for key, node in nodes.items()}, edges)
    top = 62.0 if run else 0.0
    width = max(layout.width, HEADED if run else 0.0) + 2 * MARGIN
    height = layout.height + 2 * MARGIN + top + (28.0 if run else 0.0)
    x, y = (width - layout.width) / 2, MARGIN + top
    parts: list[Part] = [*_curves(layout, lit if run else set(edges), run, (x, y))]
    for key, node in nodes.items():
        parts += _box(node, layout.boxes[key], (x, y))
    if run is None:
        return Scene(width, height, "The agent's graph", _told(shape), parts)
    parts += [*_heading(run, width), *_legend(height)]
    return Scene(width, height, f"Turn {run.number}: {shown(run.message)}", _run_told(run), parts)


def _parts(
    shape: Shape, run: Run | None
) -> tuple[dict[str, Node], list[tuple[str, str]], set[tuple[str, str]]]:
    """What is drawn, its edges, and those that the run took: every execution is a node."""
    if run is None:
        return {node: Node(shape.name(node)) for node in shape.nodes}, list(shape.edges), set()
    took = lit_edges(shape, run)
    nodes: dict[str, Node] = {}
    copies: dict[str, list[str]] = {}
    for node in shape.nodes:
        steps = run.at(node)
        ends = node == START or (node == END and run.ended)
        nodes |= {step.key: _ran(shape.name(node), step) for step in steps} or {
            node: Node(shape.name(node), state="ok" if ends else "idle")
        }
        copies[node] = [step.key for step in steps] or [node]
    pairs = [
        ((one, other), (source, target) in took)
        for source, target in shape.edges
        for one in copies[source]
        for other in copies[target]
    ]
    return nodes, [edge for edge, _ in pairs], {edge for edge, ran in pairs if ran}


def _ran(name: str, step: Step) -> Node:
    cost = [seconds(step.ms)]
    if step.attempts:
        cost.append(f"{step.attempts} attempt{'s' if step.attempts > 1 else ''}")
    room = MOST - 2 * PADDING
    lines = (step.task, " · ".join(part for part in cost if part))
    trouble: list[str] = []
    if step.status == "failed":
        said = shown(step.said)
        trouble = wrapped(f"failed: {said}" if said else "failed", SMALL, room, 3)
    elif step.status == "unfinished":
        trouble = ["did not end"]
    cut = tuple(fitted(shown(line), SMALL, room) for line in lines if line)
    return Node(name, cut, tuple(trouble), step.status)


def _box(node: Node, box: tuple[float, float, float, float], at: tuple[float, float]) -> list[Part]:
    x, y, (width, height) = box[0] + at[0], box[1] + at[1], box[2:]
    inks: dict[str, tuple[Ink, Ink, float]] = {
        "plain": ("faint", "page", 1.5),
        "idle": ("idle", "page", 1.2),
        "ok": ("lit", "litfill", 2.0),
        "unfinished": ("lit", "page", 2.0),
        "failed": ("failed", "failedfill", 2.5),
    }
    line, fill, thick = inks[node.state]
    dashed = node.state in ("idle", "unfinished")
    pill = node.name in ("start", "end")
    radius = height / 2 if pill else 8.0
    parts: list[Part] = [Box(x, y, width, height, line, fill, thick, dashed, radius)]
    middle = x + width / 2
    ink: Ink = "faint" if node.state == "idle" or pill else "words"
    size = SMALL if pill else NAME
    base = y + (height / 2 + 4 if pill else 11 + NAME - 2)
    parts.append(Words(middle, base, node.name, ink, size, bold=not pill, middle=True))
    for number, text in enumerate(node.lines + node.trouble, 1):
        told: Ink = "failed" if number > len(node.lines) else "words"
        parts.append(Words(middle, base + LINE * number, text, told, SMALL, middle=True))
    if node.state == "failed":
        parts += _cross(x + width - 14, y + 14, 4.5)
    return parts


def _cross(x: float, y: float, arm: float) -> list[Part]:
    return [
        Stroke((x - arm, y - arm), (x + arm, y + arm), "failed", 2.5),
        Stroke((x - arm, y + arm), (x + arm, y - arm), "failed", 2.5),
    ]


def _curves(
    layout: Layout, lit: set[tuple[str, str]], run: Run | None, at: tuple[float, float]
) -> list[Curve]:
    """Those not taken first, so that they lie below."""
    found = []
    for edge in sorted(layout.routes, key=lambda edge: edge in lit):
        points = [(x + at[0], y + at[1]) for x, y in layout.routes[edge]]
        taken = edge in lit
        line: Ink = "faint" if run is None else ("lit" if taken else "idle")
        found.append(Curve(points, line, 2.5 if run and taken else 1.2, dashed=not taken))
    return found


def _heading(run: Run, width: float) -> list[Part]:
    room = width - 2 * MARGIN
    asked = fitted(f"Turn {run.number}: {shown(run.message)}", 16, room, bold=True)
    many = f"{len(run.tasks)} tasks" if len(run.tasks) > 1 else "".join(run.tasks)
    facts = [run.outcome, seconds(run.ms), many, shown(run.decided)]
    line = fitted(" · ".join(fact for fact in facts if fact), 13, room)
    return [
        Words(MARGIN, MARGIN + 14, asked, size=16, bold=True),
        Words(MARGIN, MARGIN + 36, line, "failed" if run.failed else "faint", 13),
    ]


def _legend(height: float) -> list[Part]:
    parts: list[Part] = []
    x, y = MARGIN, height - MARGIN
    kinds: tuple[tuple[Ink, str], ...] = (("lit", "ran"), ("idle", "not taken"))
    for line, word in kinds:
        fill: Ink = "litfill" if line == "lit" else "page"
        parts.append(Box(x, y - 10, 18, 12, line, fill, 1.5, dashed=line == "idle", radius=3))
        parts.append(Words(x + 25, y, word, "faint", SMALL))
        x += 25 + text_width(word, SMALL) + 20
    parts += _cross(x + 6, y - 4, 4.5)
    return [*parts, Words(x + 19, y, "failed", "faint", SMALL)]


def _told(shape: Shape) -> str:
    ways = (f"{shape.name(source)} leads to {shape.name(target)}" for source, target in shape.edges)
    return "; ".join(ways) + "."


def _run_told(run: Run) -> str:
    steps = []
    for step in run.steps:
        cost = f"{step.attempts} attempts" if step.attempts else ""
        ended = "" if step.status == "ok" else step.status
        told = ", ".join(part for part in (step.task, seconds(step.ms), cost, ended) if part)
        steps.append(f"{step.node} ({told})" if told else step.node)
    return f"{run.status}. {' then '.join(steps)}." if steps else f"{run.status}. Nothing ran."
