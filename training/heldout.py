"""Models that never saw a block of tiles, to score an engine on that block."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from modal_services.engines.measure.scene_model import (
    BACKBONE,
    MODELS,
    Backbone,
    SceneModel,
    load_scene_model,
)
from training.features import CACHE, say
from training.figures import measured_facts
from training.material import fit, hold_out
from training.scene import gather, write
from training.tiles import FOLDS


def held_out_models(data: Sequence[Path], rasters: Path | None) -> dict[int, SceneModel]:
    """A model for every block, by the block's number: trained, calibrated and cut without it.

    Args:
        data: folders of class folders of UC Merced tiles.
        rasters: public-domain GeoTIFFs of coarse pixels, for the resolution gate.
    """
    return {fold: _without(fold, data, rasters) for fold in range(len(FOLDS))}


def _without(fold: int, data: Sequence[Path], rasters: Path | None) -> SceneModel:
    first, last = FOLDS[fold]
    folder = CACHE / f"without-{first}-{last}"
    folder.mkdir(parents=True, exist_ok=True)
    backbone = MODELS / BACKBONE
    say(f"training a scene head without the tiles {first} to {last}")
    material = gather(data, rasters, backbone, fold)
    facts = measured_facts(material, hold_out(material, Backbone(backbone.read_bytes())))
    shutil.copyfile(backbone, folder / BACKBONE)
    write(folder, fit(material), facts)
    return load_scene_model(folder)
