"""Features of every view of every tile, kept in a file so that a second run takes seconds."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator

from modal_services.engines.measure.scene_model import Backbone, Pixels, Values
from training.tiles import Tile

SEED = 7
CACHE = Path(".cache/training")


def tile_features(
    tiles: Sequence[Tile], views: Callable[[Pixels, Generator], list[Pixels]], backbone: Path
) -> Values:
    """Features by tile, view and channel; the same numbers in every run."""
    key = hashlib.sha256(backbone.read_bytes())
    key.update(Path(views.__code__.co_filename).read_bytes())
    key.update("".join(tile.name for tile in tiles).encode())
    kept = CACHE / f"{views.__name__}-{key.hexdigest()[:16]}.npy"
    if kept.exists():
        return np.asarray(np.load(kept))
    network, started, rows = Backbone(backbone.read_bytes()), time.monotonic(), []
    for count, tile in enumerate(tiles):
        random = np.random.default_rng([SEED, *tile.name.encode()])
        rows.append(network.features(views(tile.pixels(), random)))
        if count % 100 == 0:
            seconds = time.monotonic() - started
            say(f"{views.__name__}: {count} of {len(tiles)} tiles, {seconds:.0f} s")
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(kept, np.stack(rows))
    return np.stack(rows)


def say(line: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
