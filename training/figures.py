"""Thresholds and measured figures of a head, as they are written beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modal_services.engines.measure.scene import COARSEST_M, softmax
from modal_services.engines.measure.scene_model import SIDE_PX, Values
from training.features import SEED
from training.material import RESOLUTIONS, HeldOut, Material
from training.measuring import (
    asked,
    calibration_error,
    cross_measured,
    is_made,
    temperature_of,
    values_of,
)
from training.tiles import CLASSES, FOLDS, Tile

PASSES = 0.98  # of held-out tiles, each gate


def affinities(tiles: Sequence[Tile]) -> dict[str, dict[str, list[float]]]:
    """By kind and value: the part of a class's tiles that have the value."""
    kinds = {
        "settlement": ("urban", "rural"), "water": ("present", "absent"),
        "vegetation": ("present",), "built_up": ("present", "absent"),
        "dominant": ("vegetated", "built", "water"),
    }  # fmt: skip
    return {
        kind: {value: _shares(tiles, kind, value) for value in values}
        for kind, values in kinds.items()
    }


def _shares(tiles: Sequence[Tile], kind: str, value: str) -> list[float]:
    shares = []
    for scene in CLASSES:
        truths = [tile.truth[kind] for tile in tiles if tile.scene == scene]
        if kind == "water":  # a pool is neither; elsewhere what is unsure speaks against a claim
            truths = [truth for truth in truths if truth]
        shares.append(round(sum(truth == value for truth in truths) / max(1, len(truths)), 4))
    return shares


def measured_facts(material: Material, found: HeldOut) -> dict[str, Any]:
    """Thresholds and figures."""
    labels, folds = material.labels, material.folds
    temperature = temperature_of(found.scores, labels)
    distance = float(np.quantile(found.distance, PASSES))
    farness = float(np.quantile(found.farness, PASSES))
    passed = (found.distance <= distance) & (found.farness <= farness)
    chances = softmax(found.scores / temperature)
    facts: dict[str, Any] = {
        "classes": list(CLASSES),
        "side_px": SIDE_PX,
        "temperature": temperature,
        "gates": {
            "distance": {"threshold": round(distance, 4)},
            "farness": {"threshold": round(farness, 4)},
            "passed_held_out": round(float(passed.mean()), 4),
            "coarsest_m": COARSEST_M,
        },
        "affinities": affinities(material.tiles),
        "training": {
            "tiles": len(material.tiles),
            "views": int(material.features.shape[1]),
            "far_views": len(material.far),
            "blocks": [list(FOLDS[fold]) for fold in np.unique(folds)],
            "seed": SEED,
        },
    }
    facts["claims"], facts["not_made"] = _claims(material, chances, passed, facts)
    facts["accuracy"] = _accuracy(found, labels, folds)
    facts["calibration"] = {
        "before": round(calibration_error(softmax(found.scores), labels), 4),
        "after": round(_cross_calibrated(found.scores, labels, folds), 4),
    }
    facts["mosaics"] = _mosaics(found, material, temperature, facts)
    facts["resolutions"] = _by_resolution(found, labels, temperature, facts)
    return facts


def _claims(
    material: Material, chances: Values, passed: NDArray[np.bool_], facts: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    scenes, truths = (
        [tile.scene for tile in material.tiles],
        [tile.truth for tile in material.tiles],
    )
    made: dict[str, Any] = {}
    unmade: dict[str, Any] = {}
    for kind, claim in asked(chances, scenes, truths, facts).items():
        made[kind] = {}
        for value in values_of(kind, facts):
            figures = cross_measured(claim, kind, value, material.folds, passed)
            if is_made(figures):
                made[kind][value] = figures
            else:
                unmade[f"{kind} {value}"] = figures
    return made, unmade


def _accuracy(
    found: HeldOut, labels: NDArray[np.int64], folds: NDArray[np.int64]
) -> dict[str, float]:
    right = found.scores.argmax(axis=1) == labels
    by_block = {
        f"{FOLDS[fold][0]}-{FOLDS[fold][1]}": round(float(right[folds == fold].mean()), 4)
        for fold in np.unique(folds)
    }
    return {**by_block, "all": round(float(right.mean()), 4)}


def _cross_calibrated(scores: Values, labels: NDArray[np.int64], folds: NDArray[np.int64]) -> float:
    chances = np.zeros_like(scores)
    for fold in np.unique(folds):
        there = folds == fold
        chances[there] = softmax(scores[there] / temperature_of(scores[~there], labels[~there]))
    return calibration_error(chances, labels)


def _by_resolution(
    found: HeldOut, labels: NDArray[np.int64], temperature: float, facts: dict[str, Any]
) -> dict[str, Any]:
    limit, table = facts["claims"]["scene"].get("any", {"threshold": 2})["threshold"], {}
    for index, name in enumerate(RESOLUTIONS):
        chances = softmax(found.coarser[:, index] / temperature)
        right, sure = chances.argmax(axis=1) == labels, chances.max(axis=1) >= limit
        table[name] = {
            "accuracy": round(float(right.mean()), 4),
            "answered": round(float(sure.mean()), 4),
            "precision": round(float(right[sure].mean()), 4) if sure.any() else None,
        }
    return table


def _mosaics(
    found: HeldOut, material: Material, temperature: float, facts: dict[str, Any]
) -> dict[str, Any]:
    """Scene claims over four tiles at once: of one class and block, and of four classes."""
    limit = facts["claims"]["scene"].get("any", {"threshold": 2})["threshold"]
    chances, labels = softmax(found.single / temperature), material.labels
    rows = np.arange(len(labels) - 3)
    alike = rows[
        (labels[rows] == labels[rows + 3]) & (material.folds[rows] == material.folds[rows + 3])
    ]
    one = np.stack([chances[row : row + 4].mean(axis=0) for row in alike])
    random = np.random.default_rng(SEED)
    four = [random.choice(len(labels), 4, replace=False) for _ in range(1000)]
    mixed = np.stack([chances[each].mean(axis=0) for each in four if len(set(labels[each])) == 4])  # noqa: PLR2004
    sure = one.max(axis=1) >= limit
    return {
        "one_class": len(alike),
        "answered": int(sure.sum()),
        "right": int((one.argmax(axis=1) == labels[alike])[sure].sum()),
        "four_classes": len(mixed),
        "four_answered": int((mixed.max(axis=1) >= limit).sum()),
    }
