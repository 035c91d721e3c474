"""What is trained on, and heads that are fitted without a block of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modal_services.engines.measure.scene import TURNS
from modal_services.engines.measure.scene_model import POOLED, Backbone, SceneModel, Values
from training.features import SEED, say
from training.head import discriminant, far_arrays, gate_arrays, scale_of
from training.negatives import coarse_crops, faded, mosaics, parcels
from training.tiles import CLASSES, FOLDS, Tile, fold_of

PLAIN = len(TURNS)  # the first views of a tile are the ones that the engine looks at
NEAR_VIEWS = (0, 5, 8)  # that the distance gate's bank is taken from: plain, other light, cropped
MOSAICS = 300
RESOLUTIONS = ("0.2 m", "0.15 m", "0.6 m", "1.2 m", "2.4 m")


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that is trained on: features by tile and view, labels, far-away pictures."""

    tiles: list[Tile]
    features: Values
    coarser: Values
    far: Values

    @property
    def labels(self) -> NDArray[np.int64]:
        """Classes by number."""
        return np.array([CLASSES.index(tile.scene) for tile in self.tiles])

    @property
    def folds(self) -> NDArray[np.int64]:
        """Blocks by number."""
        return np.array([fold_of(tile.index) for tile in self.tiles])

    def only(self, chosen: NDArray[np.bool_]) -> Material:
        """A part of the tiles, with the same pictures from far away."""
        tiles = [tile for tile, is_in in zip(self.tiles, chosen, strict=True) if is_in]
        return Material(tiles, self.features[chosen], self.coarser[chosen], self.far)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What heads that never saw a tile's block make of the tile."""

    scores: Values
    coarser: Values
    single: Values
    distance: Values
    farness: Values


def fit(material: Material) -> dict[str, NDArray[Any]]:
    """The head's arrays."""
    views = material.features.shape[1]
    flat = material.features.reshape(-1, material.features.shape[-1])
    scale = scale_of(flat)
    labels = np.repeat(material.labels, views)
    weights, bias = discriminant(scale(flat), labels)
    both = np.concatenate([flat, material.far])
    is_far = np.arange(len(both)) >= len(flat)
    near = material.features[:, NEAR_VIEWS, :POOLED].reshape(-1, POOLED)
    return {
        "mean": scale.mean, "scale": scale.scale, "weights": weights, "bias": bias,
        **far_arrays(scale(both), is_far), **gate_arrays(near),
    }  # fmt: skip


def hold_out(material: Material, backbone: Backbone) -> HeldOut:
    """Fits a head for every block without it, and looks at the block with it."""
    count, folds = len(material.tiles), material.folds
    found = HeldOut(
        np.zeros((count, len(CLASSES)), np.float32),
        np.zeros((count, len(RESOLUTIONS), len(CLASSES)), np.float32),
        np.zeros((count, len(CLASSES)), np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
    )
    for fold in np.unique(folds):
        say(f"block {FOLDS[fold]}: training without it")
        model = SceneModel(backbone, {}, fit(material.only(folds != fold)))
        for row in np.flatnonzero(folds == fold):
            plain = material.features[row, :PLAIN]
            found.scores[row] = model.scores(plain).mean(axis=0)
            found.single[row] = model.scores(plain[:1])[0]
            found.coarser[row] = model.scores(material.coarser[row])
            found.distance[row] = model.distances(plain).mean()
            found.farness[row] = model.farness(plain).mean()
    return found


def far_features(tiles: Sequence[Tile], rasters: Path | None, backbone: Backbone) -> Values:
    """Features of imitated and real pictures of 3 m a pixel and more."""
    random = np.random.default_rng(SEED)
    views = mosaics([tile.pixels() for tile in tiles], random, MOSAICS)
    views += parcels(random, MOSAICS)
    views += coarse_crops(rasters, random) if rasters else []
    views += [faded(view, random) for view in views]
    say(f"{len(views)} pictures from far away")
    return backbone.features(views)
