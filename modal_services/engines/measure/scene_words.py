"""The classes of UC Merced in words, and the groups that hold where one class is unsure."""

from __future__ import annotations

from collections.abc import Mapping

CLASS_WORDS: Mapping[str, str] = {
    "agricultural": "farmland",
    "airplane": "parked aircraft",
    "baseballdiamond": "baseball diamond",
    "beach": "beach",
    "buildings": "large buildings",
    "chaparral": "scrubland (chaparral)",
    "denseresidential": "dense residential area",
    "forest": "forest",
    "freeway": "motorway",
    "golfcourse": "golf course",
    "harbor": "harbour",
    "intersection": "road junction",
    "mediumresidential": "residential area of medium density",
    "mobilehomepark": "mobile home park",
    "overpass": "road bridge over a motorway",
    "parkinglot": "car park",
    "river": "river",
    "runway": "runway",
    "sparseresidential": "sparse residential area",
    "storagetanks": "storage tanks",
    "tenniscourt": "tennis courts",
}
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
