"""The report as one HTML page that needs nothing else: style, plots and pictures are in it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from app.evaluation import plots
from app.evaluation.evaluating import Case
from app.evaluation.summary import Share, Summary
from app.evaluation.thumbnails import Thumbnails
from imagery import Limits
from imagery.pool import DecodePool

PAGE = Path(__file__).with_name("page.html")
MOST_WORST, MOST_OF_A_LABEL = 24, 4
LONGEST = 400


def page(
    facts: tuple[str, str, str, str], summary: Summary, cases: Sequence[Case], images: Path
) -> str:
    """The page.

    Args:
        facts: the data set, its format, who was asked, Swath's version.
        summary: the figures.
        cases: all cases, for the plots and the worst of them.
        images: what relative paths of images start from.
    """
    dataset, form, asked_of, version = (escape(fact) for fact in facts)
    parts = {
        "title": dataset,
        "lead": f"{len(cases):,} questions ({form}), asked of {asked_of} by Swath {version}",
        "tiles": _tiles(summary, cases),
        "accuracy": plots.accuracies([summary.total, *summary.shares]),
        "table": _table([summary.total, *summary.shares]),
        "noisy": _noisy(summary.noisy),
        "counts": _counts(summary, cases),
        "captions": _captions(summary),
        "routes": plots.confusion(summary.routes),
        "latencies": plots.latencies([c.result.ms for c in cases if c.result.status != "failed"]),
        "worst": _worst(cases, images),
    }
    return Template(PAGE.read_text(encoding="utf-8")).substitute(parts)


def _tiles(summary: Summary, cases: Sequence[Case]) -> str:
    total, latency = summary.total, summary.latency_ms
    tokens = sum(summary.tokens.get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
    accuracy = "-" if total.accuracy is None else f"{total.accuracy:.1%}"
    tiles = [
        (accuracy, "right, of what was answered", f"95 %: {total.low:.0%} to {total.high:.0%}"),
        (
            f"{total.right_of_asked:.0%}",
            "right, of all that was asked",
            f"{total.asked:,} questions",
        ),
        (
            f"{total.refused:,}",
            "refused: an honest no",
            f"{_part(total.refused, total.asked)} of them",
        ),
        (f"{sum(c.result.status == 'failed' for c in cases):,}", "failed", "no answer at all"),
        (
            _duration(latency["p50"]),
            "median latency",
            f"p95 {_duration(latency['p95'])}",
        ),
        (f"{tokens:,}", "tokens", f"{summary.cached:,} answers from the cache"),
    ]
    return "".join(
        f'<div class="tile"><b>{value}</b><span>{name}</span><small>{more}</small></div>'
        for value, name, more in tiles
    )


def _duration(ms: float | None) -> str:
    if ms is None:
        return "-"
    return f"{ms:,.0f} ms" if ms < 1000 else f"{ms / 1000:,.1f} s"  # noqa: PLR2004 - a second


def _part(count: int, total: int) -> str:
    return f"{count / total:.0%}" if total else "-"


def _table(shares: Sequence[Share]) -> str:
    heads = ("kind", "asked", "answered", "refused", "failed", "right", "accuracy", "95 % interval")
    rows = []
    for one in shares:
        known = one.accuracy is not None
        cells = [one.asked, one.answered, one.refused, one.failed, one.right]
        more = [f"{one.accuracy:.1%}", f"{one.low:.0%} – {one.high:.0%}"] if known else ["–", "–"]
        figures = "".join(f"<td>{cell}</td>" for cell in [*cells, *more])
        rows.append(f'<tr><th scope="row">{escape(one.name)}</th>{figures}</tr>')
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _noisy(shares: Sequence[Share]) -> str:
    if not shares:
        return ""
    return (
        "<section><h2>Where the true answers are unreliable</h2><p>The data set says so itself; "
        f"these are in no figure above.</p>{plots.accuracies(shares)}{_table(shares)}</section>"
    )


def _counts(summary: Summary, cases: Sequence[Case]) -> str:
    if summary.counts is None:
        return ""
    judged = [c.judged for c in cases if c.item.kind == "count" and c.judged and not c.item.noisy]
    pairs = [
        (j.true, j.true + j.error) for j in judged if j.true is not None and j.error is not None
    ]
    found = summary.counts
    return f"<section><h2>Counts</h2><p>{found.told()}</p>{plots.counted(pairs)}</section>"


def _captions(summary: Summary) -> str:
    found = summary.captions
    if found is None:
        return ""
    rows = found.told()
    if found.mentions_all is not None:
        rows.append(("mention all they must", f"{found.mentions_all:.0%}"))
    rows.append(("words, on average", f"{found.mean_words:.0f}"))
    body = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows)
    return (
        f"<section><h2>Descriptions</h2><p>{found.described} descriptions.</p>"
        f"<table>{body}</table></section>"
    )


def worst_of(cases: Sequence[Case]) -> list[Case]:
    """Wrong answers, the furthest off first, a few of each kind; unreliable items last."""
    wrong = [c for c in cases if c.judged and c.judged.right is False]
    wrong.sort(key=lambda c: (c.item.noisy, -_how_far(c), c.item.number))
    taken: dict[str, int] = {}
    found = []
    for case in wrong:
        taken[case.item.label] = taken.get(case.item.label, 0) + 1
        if taken[case.item.label] <= MOST_OF_A_LABEL:
            found.append(case)
    return found[:MOST_WORST]


def _how_far(case: Case) -> float:
    judged = case.judged
    if judged is None or judged.error is None or judged.true is None:
        return 1.0
    return abs(judged.error) / max(abs(judged.true), 1.0)


def _worst(cases: Sequence[Case], images: Path) -> str:
    found = worst_of(cases)
    if not found:
        return "<p>None: every judged answer is right.</p>"
    with DecodePool(Limits(), workers=1) as pool:
        return f'<div class="cases">{_cards(found, Thumbnails(images, pool))}</div>'


def _cards(found: Sequence[Case], thumbnails: Thumbnails) -> str:
    cards = []
    for case in found:
        uri = thumbnails.uri(case.item.image)
        picture = f'<img src="{uri}" alt="">' if uri else '<div class="missing">no picture</div>'
        label = escape(case.item.label) + (" · unreliable truth" if case.item.noisy else "")
        cards.append(
            f'<article class="case">{picture}<div><small>{label} · '
            f"{escape(Path(case.item.image).name)}</small>"
            f"<h3>{escape(_short(case.item.question))}</h3>"
            f'<p><b class="yes">true</b> {escape(_short(" / ".join(case.item.references)))}</p>'
            f'<p><b class="no">said</b> {escape(_short(case.result.answer))}</p></div></article>'
        )
    return "".join(cards)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
