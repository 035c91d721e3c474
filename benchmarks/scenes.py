"""Generated scenes and tiles: the size of a real one, the same bytes in every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.windows import Window

TILE_PX = 256
BLOCK_PX = 512


def write_scene(path: Path, side_px: int, *, overviews: bool) -> None:
    """A square uint16 scene of three bands, as Sentinel-2 gives them.

    With overviews it is tiled, as a COG is; without, striped, as most software writes it.
    """
    layout = {"tiled": True, "blockxsize": BLOCK_PX, "blockysize": BLOCK_PX} if overviews else {}
    # It is written and read again within one run: speed of writing before size.
    profile = {
        "driver": "GTiff", "width": side_px, "height": side_px, "count": 3, "dtype": "uint16",
        "crs": "EPSG:32633", "transform": from_origin(300_000, 5_000_000, 10, 10), "nodata": 0,
        "compress": "deflate", "zlevel": 1, "predictor": 2, "num_threads": "all_cpus",
        "photometric": "rgb", **layout,
    }  # fmt: skip
    noise = np.random.default_rng(0).integers(0, 256, (3, BLOCK_PX, side_px), dtype=np.uint16)
    slope = np.linspace(300, 3000, side_px, dtype=np.uint16)
    with rasterio.open(path, "w", **profile) as scene:
        for row in range(0, side_px, BLOCK_PX):
            height = min(BLOCK_PX, side_px - row)
            values = noise[:, :height] + slope + np.uint16(row // 8)
            scene.write(values, window=Window(0, row, side_px, height))
    if overviews:
        with rasterio.open(path, "r+") as scene:
            scene.build_overviews([2, 4, 8, 16], Resampling.average)


def write_tiles(folder: Path, count: int) -> list[Path]:
    """8-bit RGB TIFF tiles of noise over a slope: as large as UC Merced's."""
    random = np.random.default_rng(0)
    slope = np.linspace(0, 190, TILE_PX, dtype=np.uint8)[None, :, None]
    paths = [folder / f"tile{i}.tif" for i in range(count)]
    for path in paths:
        noise = random.integers(0, 64, (TILE_PX, TILE_PX, 3), dtype=np.uint8)
        Image.fromarray(noise + slope).save(path)
    return paths


def merced_tiles(count: int) -> list[Path]:
    """UC Merced tiles of the project's shared data, spread over the classes; maybe none."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared/data/imagery/scenes/ucm"
        if folder.is_dir():
            found = sorted(path for path in folder.rglob("*") if path.is_file())
            return found[:: max(1, len(found) // count)][:count]
    return []
