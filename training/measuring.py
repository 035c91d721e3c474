"""Calibrates, sets thresholds, and measures claims on places that were not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modal_services.engines.measure.finding import Precision
from modal_services.engines.measure.scene import LEAST_SURE, candidates, softmax
from modal_services.engines.measure.scene_words import GROUPS
from training.head import Values

Flags = NDArray[np.bool_]

# Thresholds aim above what is promised (0.95), since places differ.
AIMS = {"scene": 0.98, "group": 0.98, "settlement": 0.985, "water": 0.985, "vegetation": 0.985,
        "built_up": 0.985, "dominant": 0.985}  # fmt: skip
# Below these nothing is claimed, however right it was: what is no class of the data set, and what
# has mixed truth, is mostly found there.
LEAST_THRESHOLDS = {"scene": 0.5, "group": 0.5}
LEAST_OTHERS = 0.7
LEAST_ANSWERED = 20  # a claim with fewer to measure on is never made
LEAST_PRECISION = 0.95
BINS = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of claim over tiles: what would be said, how sure, and whether it is right.

    Attributes:
        known: whether the tile's truth is known; claims on others count in nothing.
    """

    values: NDArray[np.str_]
    sure: Values
    right: Flags
    known: Flags


def temperature_of(scores: Values, labels: NDArray[np.int64]) -> float:
    """The divisor of the scores that makes the true classes likeliest."""
    choices = np.geomspace(1, 30, 60)
    losses = [
        -np.log(softmax(scores / t)[np.arange(len(labels)), labels] + 1e-12).mean() for t in choices
    ]
    return round(float(choices[int(np.argmin(losses))]), 3)


def calibration_error(chances: Values, labels: NDArray[np.int64]) -> float:
    """Expected calibration error over equal bins (Naeini et al. 2015)."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in set(bins)
    ]
    return float(sum(gaps))


def asked(
    chances: Values,
    scenes: Sequence[str],
    truths: Sequence[Mapping[str, str]],
    facts: Mapping[str, Any],
) -> dict[str, Asked]:
    """Every kind of claim over the tiles."""
    said = [candidates(row, facts) for row in chances]
    is_clear = chances.max(axis=1) >= LEAST_SURE  # what the engine asks of unknown resolutions
    group_of = {scene: group for group, members in GROUPS.items() for scene in members}
    truth = {"scene": list(scenes), "group": [group_of[scene] for scene in scenes]}
    for kind in facts["affinities"]:
        truth[kind] = [each[kind] for each in truths]
    return {
        kind: Asked(
            np.array([each[kind][0] for each in said]),
            np.array([each[kind][1] for each in said], np.float32) * is_clear,
            np.array([each[kind][0] == true for each, true in zip(said, trues, strict=True)]),
            np.array([true != "" for true in trues]),
        )
        for kind, trues in truth.items()
    }


def values_of(kind: str, facts: Mapping[str, Any]) -> list[str]:
    """The values that have a threshold of their own."""
    return ["any"] if kind in {"scene", "group"} else list(facts["affinities"][kind])


def _of(claim: Asked, value: str) -> Flags:
    return claim.known if value == "any" else claim.known & (claim.values == value)


def threshold_for(sure: Values, right: Flags, aim: float, least: float) -> float:
    """The least probability from which on claims are right often enough, 2 if none is."""
    order = np.argsort(-sure, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= aim)
    if not len(good):
        return 2.0
    return max(least, round(float(np.ceil(sure[order][good[-1]] * 1000) / 1000), 3))


def cross_measured(
    claim: Asked, kind: str, value: str, folds: NDArray[np.int64], passed: Flags
) -> dict[str, Any]:
    """Threshold from all folds; figures with the threshold of the other folds, fold by fold."""
    mine = _of(claim, value) & passed
    aim, least = AIMS[kind], LEAST_THRESHOLDS.get(kind, LEAST_OTHERS)
    answered = np.zeros(len(mine), bool)
    for fold in np.unique(folds):
        others = mine & (folds != fold)
        limit = threshold_for(claim.sure[others], claim.right[others], aim, least)
        answered |= mine & (folds == fold) & (claim.sure >= limit)
    limit = threshold_for(claim.sure[mine], claim.right[mine], aim, least)
    beyond = (
        passed & ~claim.known & (claim.sure >= limit) & ((claim.values == value) | (value == "any"))
    )
    right, total = int(claim.right[answered].sum()), int(answered.sum())
    return {
        "threshold": limit,
        "precision": round(right / total, 4) if total else 0.0,
        "answered": total,
        "right": right,
        "wilson_low": round(Precision(right, total).at_least, 4) if total else 0.0,
        "asked": int(claim.known.sum()),
        "claimed_where_truth_unknown": int(beyond.sum()),
        "truth_unknown": int((~claim.known).sum()),
    }


def is_made(figures: Mapping[str, Any]) -> bool:
    """Whether a claim was measured often enough and right often enough to be made at all."""
    return bool(figures["answered"] >= LEAST_ANSWERED and figures["precision"] >= LEAST_PRECISION)
