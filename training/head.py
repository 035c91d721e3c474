"""Fits the head: linear discriminant analysis with shrinkage, and the resolution gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Labels = NDArray[np.int64]

SHRINKAGE = 0.1
AXES = 128  # of the distance gate: cosines over these differ by under 0.01 from those over all
BANK_MOST = 2520


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and spread of the training features."""

    mean: Values
    scale: Values

    def __call__(self, features: Values) -> Values:
        """Centred and scaled."""
        return (features - self.mean) / self.scale


def scale_of(features: Values) -> Scale:
    """Mean and standard deviation by column."""
    return Scale(features.mean(axis=0), features.std(axis=0) + np.float32(1e-3))


def discriminant(
    standard: Values, labels: Labels, shrinkage: float = SHRINKAGE
) -> tuple[Values, Values]:
    """Weights and bias of a linear discriminant with equal priors.

    The covariance within classes is drawn towards a multiple of the identity by `shrinkage`
    (Friedman 1989, https://doi.org/10.1080/01621459.1989.10478752).
    """
    means = np.stack([standard[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    centred = standard - means[labels]
    within = (centred.T @ centred / len(centred)).astype(np.float64)
    ridge = np.eye(len(within)) * (shrinkage * np.trace(within) / len(within))
    weights = np.linalg.solve((1 - shrinkage) * within + ridge, means.T.astype(np.float64))
    bias = -0.5 * np.einsum("kd,dk->k", means.astype(np.float64), weights)
    return weights.astype(np.float32), bias.astype(np.float32)


def gate_arrays(pooled: Values) -> dict[str, NDArray[Any]]:
    """Axes and bank of the distance gate, from the last layer's features of training views."""
    unit = pooled / (np.linalg.norm(pooled, axis=1, keepdims=True) + 1e-9)
    _, _, axes = np.linalg.svd(unit, full_matrices=False)
    axes = axes[:AXES].T
    step = max(1, -(-len(unit) // BANK_MOST))
    return {"axes": axes.astype(np.float16), "bank": (unit[::step] @ axes).astype(np.float16)}


def far_arrays(standard: Values, is_far: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """One direction that tells pictures taken from far away."""
    weights, bias = discriminant(standard, is_far.astype(np.int64), 0.3)
    return {"far_weights": weights[:, 1] - weights[:, 0], "far_bias": bias[1] - bias[0]}
