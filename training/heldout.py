"""Models that never saw a block of tiles, to score an engine on that block."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from modal_services.engines.measure.scene_model import (
    BACKBONE,
    FACTS,
    HEAD,
    MODELS,
    Backbone,
    SceneModel,
    load_scene_model,
)
from training.features import CACHE
from training.figures import measured_facts
from training.material import HeldOut, fit, hold_out
from training.scene import gather, write
from training.tiles import FOLDS


def held_out_models(data: Sequence[Path], rasters: Path | None) -> dict[int, SceneModel]:
    """A model for every block, by the block's number: trained and cut without its tiles.

    The shipped model's files say which these are, so that they are made anew when it is.

    Args:
        data: folders of class folders of UC Merced tiles.
        rasters: public-domain GeoTIFFs of coarse pixels, for the resolution gate.
    """
    shipped = hashlib.sha256((MODELS / FACTS).read_bytes() + (MODELS / HEAD).read_bytes())
    folder = CACHE / f"held-out-{shipped.hexdigest()[:16]}"
    places = {fold: folder / f"{first}-{last}" for fold, (first, last) in enumerate(FOLDS)}
    if not all((place / FACTS).exists() for place in places.values()):
        _make(places, data, rasters)
    return {fold: load_scene_model(place) for fold, place in places.items()}


def _make(places: dict[int, Path], data: Sequence[Path], rasters: Path | None) -> None:
    backbone = MODELS / BACKBONE
    material = gather(data, rasters, backbone, None)
    found = hold_out(material, Backbone(backbone.read_bytes()))
    for fold, place in places.items():
        others = material.folds != fold
        part = HeldOut(*(np.asarray(getattr(found, each.name))[others] for each in fields(found)))
        facts = measured_facts(material.only(others), part)
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(backbone, place / BACKBONE)
        write(place, fit(material.only(others)), facts)
