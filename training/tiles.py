"""UC Merced tiles: class and index by file name, folds by index, truth by class and by eye."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NAME = re.compile(r"([a-z]+)(\d\d)\.(?:jpg|png|tif)")
FOLDS = ((0, 19), (20, 39), (80, 99))  # neighbouring indices are crops of the same place
TILE_PX = 256
LABELS = Path(__file__).with_name("labels.txt")

CLASSES = (
    "agricultural", "airplane", "baseballdiamond", "beach", "buildings", "chaparral",
    "denseresidential", "forest", "freeway", "golfcourse", "harbor", "intersection",
    "mediumresidential", "mobilehomepark", "overpass", "parkinglot", "river", "runway",
    "sparseresidential", "storagetanks", "tenniscourt",
)  # fmt: skip

# What a tile of a class shows, "" where classes differ too much within themselves or where the
# word does not apply; labels.txt corrects single tiles.
URBAN = {
    "buildings",
    "denseresidential",
    "intersection",
    "mediumresidential",
    "mobilehomepark",
    "parkinglot",
}
RURAL = {"agricultural", "chaparral", "forest", "river"}
WET = {"beach", "harbor", "river"}
GREEN = {
    "agricultural",
    "baseballdiamond",
    "chaparral",
    "forest",
    "golfcourse",
    "mediumresidential",
    "river",
    "sparseresidential",
}
BARREN = {"airplane", "beach", "harbor", "parkinglot", "storagetanks"}
BUILT = URBAN | {"airplane", "freeway", "overpass", "runway", "storagetanks"}
UNBUILT = {"agricultural", "beach", "chaparral", "forest", "river"}
MOSTLY_GREEN = {"agricultural", "baseballdiamond", "chaparral", "forest", "golfcourse"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile and what is held to be true of it; "" is unknown."""

    path: Path
    scene: str
    index: int
    truth: dict[str, str]

    @property
    def name(self) -> str:
        """Class and index, as in `river07`."""
        return self.path.stem

    def pixels(self) -> NDArray[np.uint8]:
        """RGB, 256 px square (some tiles are a few pixels short)."""
        with Image.open(self.path) as image:
            rgb = image.convert("RGB")
            return np.asarray(
                rgb if rgb.size == (TILE_PX, TILE_PX) else rgb.resize((TILE_PX, TILE_PX))
            )


def class_truth(scene: str) -> dict[str, str]:
    """What the class alone says."""

    def of(yes: set[str], no: set[str], words: tuple[str, str] = ("present", "absent")) -> str:
        return words[0] if scene in yes else words[1] if scene in no else ""

    dominant = (
        "vegetated"
        if scene in MOSTLY_GREEN
        else "built"
        if scene in BUILT - {"storagetanks", "mediumresidential"}
        else ""
    )
    return {
        "settlement": of(URBAN, RURAL, ("urban", "rural")),
        "water": of(WET, set(CLASSES) - WET),
        "vegetation": of(GREEN, BARREN),
        "built_up": of(BUILT, UNBUILT),
        "dominant": dominant,
    }


def labels(path: Path = LABELS) -> dict[str, dict[str, str]]:
    """Corrections by eye: `name key=value ...` a line."""
    found: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if words:
            found.setdefault(words[0], {}).update(dict(word.split("=", 1) for word in words[1:]))
    return found


def find_tiles(folders: Iterable[Path]) -> list[Tile]:
    """Every tile of the folders of class folders, by name."""
    corrections = labels()
    tiles = []
    for path in (path for folder in folders for path in folder.glob("*/*")):
        match = NAME.fullmatch(path.name)
        if match and match[1] in CLASSES:
            truth = {**class_truth(match[1]), **corrections.get(path.stem, {})}
            truth = {key: "" if value == "unsure" else value for key, value in truth.items()}
            tiles.append(Tile(path, match[1], int(match[2]), truth))
    return sorted(tiles, key=lambda tile: tile.name)


def fold_of(index: int) -> int:
    """Which block of indices a tile is of."""
    return next(number for number, (first, last) in enumerate(FOLDS) if first <= index <= last)
