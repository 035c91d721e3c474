"""The classes of UC Merced in words, and the groups that hold where one class is unsure."""

from __future__ import annotations

from collections.abc import Mapping

CLASS_WORDS: Mapping[str, str] = {
    "agricultural": "farmland", "airplane": "an airfield with aeroplanes",
    "baseballdiamond": "a baseball diamond", "beach": "a beach",
    "buildings": "large buildings", "chaparral": "chaparral (scrubland)",
    "denseresidential": "a dense residential area", "forest": "a forest",
    "freeway": "a freeway", "golfcourse": "a golf course", "harbor": "a harbour",
    "intersection": "a road intersection", "mediumresidential": "a medium residential area",
    "mobilehomepark": "a mobile home park", "overpass": "an overpass",
    "parkinglot": "a car park", "river": "a river", "runway": "a runway",
    "sparseresidential": "a sparse residential area", "storagetanks": "storage tanks",
    "tenniscourt": "tennis courts",
}  # fmt: skip
GROUPS: Mapping[str, tuple[str, ...]] = {
    "residential area": (
        "denseresidential",
        "mediumresidential",
        "mobilehomepark",
        "sparseresidential",
    ),
    "business or industrial area": ("buildings", "parkinglot", "storagetanks"),
    "main roads": ("freeway", "intersection", "overpass"),
    "airfield": ("airplane", "runway"),
    "sports ground": ("baseballdiamond", "golfcourse", "tenniscourt"),
    "waterside": ("beach", "harbor", "river"),
    "woodland or scrub": ("chaparral", "forest"),
    "farmland": ("agricultural",),
}
