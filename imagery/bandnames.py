"""What a band's name says about its role."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Words of a name, and the role; the first that fits counts, so narrower ones stand first.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"alpha", "alpha"),
    (r"qa|\w*mask|quality|scl|clouds?|pixelqa", "mask"),
    (r"coastal|aerosols?", "coastal"),
    (r"cirrus", "cirrus"),
    (r"green i|green1", "greeni"),
    (r"water ?vapou?r|nir09|b09 nir", "nir09"),
    (r"red ?edge ?\d?|rededge\d*|re[1-4]", "rededge"),
    (r"nir08|narrow nir|nir narrow|nir2|8a nir|nir 8a", "nir08"),
    (r"near ?infra ?red|nir1?|infrared near", "nir"),
    (r"(?:swir|short ?wave infra ?red) ?(?:1|16|i|1 6\d*)", "swir1"),
    (r"(?:swir|short ?wave infra ?red) ?(?:2|22|ii|2 2\d*)", "swir2"),
    (r"swir|short ?wave infra ?red", "swir"),
    (r"thermal\w*|tirs?\d*|lwir\d*|temperature|st b\d+", "thermal"),
    (r"pan|panchromatic", "pan"),
    (r"vv|vh|hh|hv", "sar"),
    (r"sigma ?(?:0|nought)|gamma ?(?:0|nought)|beta ?(?:0|nought)|backscatter|sar", "sar"),
    (r"ndvi|ndwi|mndwi|ndbi|nbr|ndsi|ndmi|e?vi2?|savi|lai|fapar", "index"),
    (r"blue", "blue"),
    (r"yellow", "yellow"),
    (r"green", "green"),
    (r"red", "red"),
)
_PATTERNS = tuple((re.compile(rf"(?:^|.* )(?:{words})(?: .*|$)"), role) for words, role in _WORDS)
_NUMBER = re.compile(r"(?:^|.* )(?:sr |toa |boa )?(?:band ?|b ?)(\d{1,2}|8a)(?: .*|$)")
_SENTINEL2 = {
    "1": "coastal", "2": "blue", "3": "green", "4": "red", "5": "rededge", "6": "rededge",
    "7": "rededge", "8": "nir", "8a": "nir08", "9": "nir09", "10": "cirrus", "11": "swir1",
    "12": "swir2",
}  # fmt: skip
_TM = {"1": "blue", "2": "green", "3": "red", "4": "nir", "5": "swir1", "7": "swir2"}
_OLI = {
    "1": "coastal", "2": "blue", "3": "green", "4": "red", "5": "nir", "6": "swir1", "7": "swir2",
    "8": "pan", "9": "cirrus", "10": "thermal", "11": "thermal",
}  # fmt: skip
_STAC = {"nir08": "nir08", "nir09": "nir09", "swir16": "swir1", "swir22": "swir2"}


def role_of(name: str) -> str | None:
    """The role that a band's name says in words, e.g. nir of `B5 Near Infrared`."""
    words = _words(name)
    return next((role for pattern, role in _PATTERNS if pattern.match(words)), None)


def role_of_common_name(name: str) -> str | None:
    """The role of one of STAC's common names (https://github.com/stac-extensions/eo)."""
    plain = name.lower()
    if plain in _STAC:
        return _STAC[plain]
    return role_of("rededge" if plain.startswith("rededge") else plain)


def roles_by_number(names: Sequence[str | None]) -> list[str | None]:
    """Roles by the sensors' own band numbers, where together they tell the sensor.

    `B8A`, or `B11` and `B12` together, are Sentinel-2's alone; `SR_B6` is Landsat 8's and 9's; a
    band 6 of temperature beside bands 1 to 5 and 7 is Landsat 4's to 7's. Numbers that merely
    count the bands say nothing.
    """
    numbers = [_number(name) for name in names]
    table = _sensor({n for n in numbers if n}, [_words(name or "") for name in names])
    return [table.get(number or "") for number in numbers]


def _sensor(numbers: set[str], names: list[str]) -> dict[str, str]:
    padded = sum(bool(re.fullmatch(r"b(?:0[1-9]|1[0-2]|8a)", name)) for name in names)
    if "8a" in numbers or {"11", "12"} <= numbers or (padded > 2 and "b01 b02" not in names):  # noqa: PLR2004
        return _SENTINEL2
    surface = {m[1] for name in names if (m := re.match(r"sr b(\d+)$", name))}
    if "6" in surface or any(name.startswith("st b10") for name in names):
        return _OLI
    if {"3", "4", "5", "7"} <= surface:
        return _TM
    hot = any(_number(name) == "6" and role_of(name) == "thermal" for name in names)
    return _TM if hot and {"3", "4", "5", "7"} <= numbers else {}


def _number(name: str | None) -> str | None:
    found = _NUMBER.match(_words(name or ""))
    return found[1].lstrip("0") if found else None


def _words(name: str) -> str:
    """Lower-case words with single spaces; camel case is parted."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name[:200])
    return " ".join(re.findall(r"[a-z0-9]+", parted.lower()))
