"""Plots as inline SVG: no script, no font and no style from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from app.evaluation.summary import Share

LEAST_PX = 640  # a narrow window scrolls, so that the words stay legible
ROW_PX, LEFT_PX, WIDTH_PX, RIGHT_PX = 30, 150, 960, 130


def accuracies(shares: Sequence[Share]) -> str:
    """A bar a kind of question, with its 95 % interval, and how many of what was answered."""
    known = [share for share in shares if share.accuracy is not None]
    height = ROW_PX * len(known) + 34
    plot = WIDTH_PX - LEFT_PX - RIGHT_PX
    marks = [_grid(height, plot)]
    for at, one in enumerate(known):
        y = at * ROW_PX + 6
        right = LEFT_PX + (one.accuracy or 0) * plot
        low, high = LEFT_PX + one.low * plot, LEFT_PX + one.high * plot
        middle = y + 9
        marks += [
            f'<text x="{LEFT_PX - 10}" y="{y + 14}" text-anchor="end">{escape(one.name)}</text>',
            f'<rect class="bar" x="{LEFT_PX}" y="{y}" width="{right - LEFT_PX:.1f}" height="18" rx="2"/>',
            f'<path class="whisker" d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 5}v10'
            f'M{high:.1f} {middle - 5}v10"/>',
            f'<text class="value" x="{WIDTH_PX - RIGHT_PX + 14}" y="{y + 14}">'
            f"{one.right:,} of {one.answered:,}</text>",
        ]
    return _svg(WIDTH_PX, height, "Accuracy by kind of question", marks)


def _grid(height: int, plot: int) -> str:
    lines = []
    for tenth in (0, 25, 50, 75, 100):
        x = LEFT_PX + tenth / 100 * plot
        lines.append(f'<path class="grid" d="M{x:.1f} 0V{height - 26}"/>')
        lines.append(
            f'<text class="axis" x="{x:.1f}" y="{height - 8}" text-anchor="middle">{tenth} %</text>'
        )
    return "".join(lines)


def counted(pairs: Sequence[tuple[float, float]]) -> str:
    """True counts against counted ones, on a square whose diagonal is right."""
    side, edge = 300, 44
    most = max((max(pair) for pair in pairs), default=1) or 1
    plot = side - edge - 12

    def at(value: float) -> float:
        return value / most * plot

    marks = [
        f'<path class="grid" d="M{edge} {side - edge}L{edge + plot} {side - edge - plot}"/>',
        f'<path class="axes" d="M{edge} 12V{side - edge}H{edge + plot}"/>',
        f'<text class="axis" x="{edge + plot / 2}" y="{side - 8}" text-anchor="middle">true count</text>',
        f'<text class="axis" transform="translate(12 {side / 2}) rotate(-90)" text-anchor="middle">'
        "answered</text>",
        f'<text class="axis" x="{edge + plot}" y="{side - edge + 16}" text-anchor="end">{most:g}</text>',
        f'<text class="axis" x="{edge - 6}" y="20" text-anchor="end">{most:g}</text>',
        f'<text class="axis" x="{edge - 6}" y="{side - edge + 16}" text-anchor="end">0</text>',
    ]
    marks += [
        f'<circle class="dot" cx="{edge + at(true):.1f}" cy="{side - edge - at(said):.1f}" r="4"/>'
        for true, said in pairs
    ]
    return _svg(side, side, "True counts against answered ones", marks)


def latencies(milliseconds: Sequence[float]) -> str:
    """How long answers took, on a logarithmic scale."""
    edges = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000]
    counts = [
        sum(low <= ms < high for ms in milliseconds)
        for low, high in zip([0, *edges], [*edges, float("inf")], strict=True)
    ]
    used = [at for at, count in enumerate(counts) if count]
    if not used:
        return ""
    shown = range(used[0], used[-1] + 1)
    step = 68
    width, height = max(300, step * len(shown) + 20), 170
    most = max(counts)
    marks = []
    for place, at in enumerate(shown):
        tall = counts[at] / most * 110
        x = 10 + place * step
        label = f"< {_time(edges[at])}" if at < len(edges) else "more"
        marks += [
            f'<rect class="bar" x="{x}" y="{136 - tall:.1f}" width="{step - 8}" height="{tall:.1f}" rx="2"/>',
            f'<text class="value" x="{x + 30}" y="{130 - tall:.1f}" text-anchor="middle">{counts[at]}</text>',
            f'<text class="axis" x="{x + 30}" y="154" text-anchor="middle">{label}</text>',
        ]
    return _svg(width, height, "Latencies", marks)


def _time(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"


def confusion(routes: Mapping[str, Mapping[str, int]]) -> str:
    """What the router made of what was expected, as a table shaded by share."""
    columns = sorted({name for row in routes.values() for name in row})
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    rows = []
    for expected, row in routes.items():
        total = sum(row.values()) or 1
        cells = "".join(_cell(row.get(name, 0), total, right=name == expected) for name in columns)
        rows.append(f'<tr><th scope="row">{escape(expected)}</th>{cells}</tr>')
    return (
        f'<table class="matrix"><thead><tr><th>expected \\ routed</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(count: int, total: int, *, right: bool) -> str:
    if not count:
        return '<td class="none">·</td>'
    kind, share = ("good" if right else "bad"), round(100 * count / total)
    return f'<td class="{kind}" style="--share:{max(share, 8)}%">{count}</td>'


def _svg(width: float, height: float, title: str, marks: Sequence[str]) -> str:
    return (
        f'<div class="wide"><svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'style="min-width: {min(width, LEAST_PX):g}px" '
        f'aria-label="{escape(title)}">{"".join(marks)}</svg></div>'
    )
