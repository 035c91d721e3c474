"""An evaluation as files: report.json, report.md and report.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app import __version__
from app.evaluation.evaluating import Case
from app.evaluation.page import page
from app.evaluation.summary import Share, Summary, summarised

FILES = ("report.json", "report.md", "report.html")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was asked of whom, and what came of it."""

    dataset: str
    form: str
    asked_of: str
    cases: Sequence[Case]
    images: Path

    @property
    def summary(self) -> Summary:
        """The figures."""
        return summarised(self.cases)


def write(found: Evaluated, folder: Path) -> list[Path]:
    """Writes the three files and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = found.summary
    body = orjson.dumps(as_json(found, summary), option=orjson.OPT_INDENT_2)
    paths = [folder / name for name in FILES]
    paths[0].write_bytes(body + b"\n")
    paths[1].write_text(as_markdown(found, summary), encoding="utf-8")
    facts = (found.dataset, found.form, found.asked_of, __version__)
    paths[2].write_text(page(facts, summary, found.cases, found.images), encoding="utf-8")
    return paths


def as_json(found: Evaluated, summary: Summary) -> dict[str, Any]:
    """The figures and every case."""
    return {
        "dataset": found.dataset,
        "format": found.form,
        "asked_of": found.asked_of,
        "swath": __version__,
        "summary": summary.as_json(),
        "cases": [_case(case) for case in found.cases],
    }


def _case(case: Case) -> dict[str, Any]:
    item, result, judged = case.item, case.result, case.judged
    return {
        "number": item.number,
        "id": item.id,
        "image": item.image,
        "question": item.question,
        "label": item.label,
        "kind": item.kind,
        "noisy": item.noisy,
        "expected": list(item.references),
        "status": result.status,
        "answer": result.answer,
        "said": judged.said if judged else None,
        "right": judged.right if judged else None,
        "error": judged.error if judged else None,
        "task": result.task,
        "vqa_type": result.vqa_type,
        "rule": result.rule,
        "ms": result.ms,
        "cached": case.cached,
        "problem": result.problem.message if result.problem else None,
    }


def as_markdown(found: Evaluated, summary: Summary) -> str:
    """The figures for people who read text."""
    parts = [
        f"# {found.dataset}",
        "",
        (
            f"Asked of {found.asked_of} by Swath {__version__}; {len(found.cases):,} questions "
            f"({found.form}), {summary.cached:,} of them answered from the cache."
        ),
        "",
        *_shares("Accuracy", [summary.total, *summary.shares]),
        *(_shares("Where the true answers are unreliable", summary.noisy) if summary.noisy else []),
        *_counts(summary),
        *_captions(summary),
        *_routes(summary),
        *_cost(summary),
    ]
    return "\n".join(parts) + "\n"


def _shares(title: str, shares: Sequence[Share]) -> list[str]:
    lines = [
        f"## {title}",
        "",
        "| kind | asked | answered | refused | failed | right | accuracy | 95 % interval |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for one in shares:
        known = one.accuracy is not None
        accuracy = f"{one.accuracy:.1%}" if known else "-"
        interval = f"{one.low:.1%} to {one.high:.1%}" if known else "-"
        lines.append(
            f"| {one.name} | {one.asked} | {one.answered} | {one.refused} | {one.failed} "
            f"| {one.right} | {accuracy} | {interval} |"
        )
    return [*lines, ""]


def _counts(summary: Summary) -> list[str]:
    counts = summary.counts
    if counts is None:
        return []
    return [
        "## Counts",
        "",
        counts.told(),
        "",
    ]


def _captions(summary: Summary) -> list[str]:
    captions = summary.captions
    if captions is None:
        return []

    lines = ["## Descriptions", "", "| score | value |", "|---|---|"]
    lines.append(f"| descriptions | {captions.described} |")
    lines += [f"| {name} | {value} |" for name, value in captions.told()]
    if captions.mentions_all is not None:
        lines.append(f"| mention all they must | {captions.mentions_all:.0%} |")
    return [*lines, f"| words, on average | {captions.mean_words:.0f} |", ""]


def _routes(summary: Summary) -> list[str]:
    columns = sorted({name for row in summary.routes.values() for name in row})
    lines = ["## The router", "", f"| expected | {' | '.join(columns)} |"]
    lines.append("|---|" + "---:|" * len(columns))
    for name, row in summary.routes.items():
        lines.append(f"| {name} | {' | '.join(str(row.get(each, 0)) for each in columns)} |")
    return [*lines, ""]


def _cost(summary: Summary) -> list[str]:
    latency = summary.latency_ms
    tokens = ", ".join(f"{k} {v:,}" for k, v in summary.tokens.items()) or "none told"
    if latency["p50"] is None:
        return []
    return [
        "## Cost",
        "",
        f"Latency p50 {latency['p50']:,.0f} ms, p95 {latency['p95']:,.0f} ms. Tokens: {tokens}.",
    ]
