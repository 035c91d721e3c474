"""The figures of an evaluation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean, median
from typing import Any

from app.batch.tally import Latencies
from app.evaluation.captions import CaptionScores, scores
from app.evaluation.evaluating import Case
from app.evaluation.judging import NEAR
from app.evaluation.statistics import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """How often answers of one kind were right.

    Attributes:
        accuracy: of what was answered; `low` and `high` are its Wilson interval at 95 %.
        right_of_asked: the share of all questions, refusals and failures counted as not right.
    """

    name: str
    asked: int
    answered: int
    refused: int
    failed: int
    right: int
    accuracy: float | None
    low: float
    high: float
    right_of_asked: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How far counted numbers are off; shares are of what was answered with a number."""

    asked: int
    answered: int
    mean_error: float
    median_error: float
    within_10_percent: float
    exact: float

    def told(self) -> str:
        """The figures in a sentence."""
        return (
            f"{self.asked:,} questions ask for a count, and {self.answered:,} got a number: "
            f"{self.exact:.1%} exact, {self.within_10_percent:.1%} within 10 %, mean error "
            f"{self.mean_error:.2f}, median {self.median_error:g}."
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures; `noisy` are those of items whose true answers are unreliable."""

    total: Share
    shares: list[Share]
    noisy: list[Share]
    counts: Counts | None
    captions: CaptionScores | None
    routes: dict[str, dict[str, int]]
    latency_ms: dict[str, float | None]
    tokens: dict[str, int] = field(default_factory=dict)
    cached: int = 0

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON types."""
        return asdict(self)


def summarised(cases: Sequence[Case]) -> Summary:
    """The figures of cases."""
    clean = [case for case in cases if not case.item.noisy]
    judged = [case for case in clean if case.item.kind != "caption"]
    latencies, tokens = Latencies(), Counter[str]()
    for case in cases:
        if case.result.status != "failed":
            latencies.add(case.result.ms)
        tokens.update(case.result.usage)
    return Summary(
        total=share("all questions", judged),
        shares=by_label(clean),
        noisy=by_label(case for case in cases if case.item.noisy),
        counts=_counts(clean),
        captions=scores(cases),
        routes=_routes(cases),
        latency_ms={"p50": latencies.quantile(0.5), "p95": latencies.quantile(0.95)},
        tokens={name: count for name, count in sorted(tokens.items()) if count},
        cached=sum(case.cached for case in cases),
    )


def by_label(cases: Iterable[Case]) -> list[Share]:
    """A share for each of the data set's kinds of question, the most asked first."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.item.label].append(case)
    found = [share(name, group) for name, group in groups.items()]
    return sorted(found, key=lambda one: (-one.asked, one.name))


def share(name: str, cases: Sequence[Case]) -> Share:
    """How often they were right; captions without anything to mention are not judged."""
    verdicts = [c.judged.right for c in cases if c.judged and c.judged.right is not None]
    right, judged = sum(verdicts), len(verdicts)
    low, high = wilson(right, judged)
    status = Counter(case.result.status for case in cases)
    return Share(
        name,
        len(cases),
        status["answered"],
        status["refused"],
        status["failed"],
        right,
        right / judged if judged else None,
        low,
        high,
        right / len(cases) if cases else 0.0,
    )


def _counts(cases: Sequence[Case]) -> Counts | None:
    asked = [c for c in cases if c.item.kind == "count"]
    found = [c.judged for c in asked if c.judged]
    pairs = [
        (abs(j.error), abs(j.true)) for j in found if j.error is not None and j.true is not None
    ]
    if not pairs:
        return None
    errors = [error for error, _ in pairs]
    near = [error <= NEAR * true + 1e-9 for error, true in pairs]
    exact = [error == 0 for error in errors]
    return Counts(len(asked), len(pairs), mean(errors), median(errors), mean(near), mean(exact))


def _routes(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        if case.result.task is None:
            continue
        kind = case.result.vqa_type
        table[case.item.expected_route][
            f"{case.result.task}/{kind}" if kind else case.result.task
        ] += 1
    return {name: dict(sorted(row.items())) for name, row in sorted(table.items())}
