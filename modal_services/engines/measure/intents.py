"""What can be asked of measurements: a closed list of intents, each with what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Cover: TypeAlias = Literal["water", "vegetation", "built-up", "bare", "cloud", "snow"]
Kind: TypeAlias = Literal[
    # facts of the file
    "image_size", "bands", "crs", "resolution", "bounds", "ground_size", "taken", "nodata",
    "index_mean", "sensor", "colour_mode",
    # measured in the picture
    "dominant_colour", "share", "presence", "mostly", "area", "larger", "dominant_cover",
    "ship_count", "ship_presence",
    # told by the scene head
    "scene", "is_scene", "settlement",
    "description",
]  # fmt: skip
Region: TypeAlias = tuple[str, tuple[float, float, float, float]]
Lack: TypeAlias = Literal[
    "several", "language", "comparison", "count", "area", "place", "plants", "presence", "other"
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked.

    Attributes:
        covers: what a share, presence, area or comparison is of, in the order asked.
        region: the part of the picture that is meant: its name, and left, top, right and bottom
            as parts of the picture, 0 to 1. None: the whole.
        options: scene classes to choose from; of `is_scene` and `settlement` the one asked for.
        unit: of an area: m2, ha, km2 or acres; empty: any.
        length: of a description.
        index: ndvi or ndwi.
        bands: the numbers of the bands that an index is said to be made of.
        metres_per_px: as the question states it.
    """

    kind: Kind
    covers: tuple[Cover, ...] = ()
    region: Region | None = None
    options: tuple[str, ...] = ()
    unit: str = ""
    length: Literal["short", "long"] = "short"
    index: str = ""
    bands: tuple[int, ...] = ()
    metres_per_px: float | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A message whose every part measurements may answer."""

    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A message that they cannot answer.

    Attributes:
        lacks: the kind of thing that is missing.
        thing: what the question is about, in its own words, where that is plain; else empty.
        language: of the question, as ISO 639-1, where it is not English.
    """

    lacks: Lack
    thing: str = ""
    language: str = "en"


Reading: TypeAlias = Understood | NotUnderstood
