"""Facts about a picture, as the first line of a question: words for a VLM, parsed by `measure`.

    About the image: 2048 x 2048 px; 0.3 m per pixel; EPSG:26911; 4 bands (red, green, blue, nir).
    How much of it is water?

A picture is scaled down before it is sent and loses its georeference and all but three bands, so
that only such a line can tell how large the scene is, where it lies and what was measured in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_LINE = re.compile(r"About the image: (\d+) x (\d+) px((?:; [^\n;]+)*)\.(?:\n+|$)")
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of the scene that a picture was made from; None and empty: not known.

    Attributes:
        width_px: of the scene.
        height_px: of the scene.
        notes: what was done to make it visible.
        metres_per_px: ground sample distance.
        crs: EPSG:n or the name.
        band_count: in the file.
        bands: their numbers and roles (1 red, 4 nir, ...), of those that are known.
        bounds: west, south, east and north in degrees.
        taken: ISO date of the acquisition.
        nodata_percent: of the scene's pixels.
        cloud_percent: as the scene's metadata tell.
        snow_percent: as the scene's metadata tell.
        ndvi_mean: of raw digital numbers.
        ndwi_mean: McFeeters', of raw digital numbers.
        ndvi_percent: least and most percent of the scene that is vegetation by NDVI.
        ndwi_percent: least and most percent of the scene that is open water by NDWI.
        sensor: "radar" or "optical", where that is sure.
    """

    width_px: int
    height_px: int
    notes: tuple[str, ...] = ()
    metres_per_px: float | None = None
    crs: str | None = None
    band_count: int | None = None
    bands: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    taken: str | None = None
    nodata_percent: int | None = None
    cloud_percent: int | None = None
    snow_percent: int | None = None
    ndvi_mean: float | None = None
    ndwi_mean: float | None = None
    ndvi_percent: Range | None = None
    ndwi_percent: Range | None = None
    sensor: str | None = None

    @property
    def are_bare(self) -> bool:
        """Whether nothing but the size is known."""
        return not any(getattr(self, each.name) for each in fields(self)[2:])


@dataclass(frozen=True, slots=True)
class _Said:
    """How one fact is told, and heard again."""

    name: str
    pattern: re.Pattern[str]
    say: Callable[[Any], str]
    parse: Callable[[re.Match[str]], Any] = field(default=lambda match: match[1])


_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"


def _mean(index: str) -> _Said:
    name = index.upper()

    def say(mean: float) -> str:
        return f"mean {name} {mean:.3f}"

    pattern = re.compile(rf"mean {name} ({_NUMBER})")
    return _Said(f"{index}_mean", pattern, say, lambda match: float(match[1]))


def _percent(index: str, cover: str) -> _Said:
    name = index.upper()

    def say(share: Range) -> str:
        return f"{cover} {share[0]} to {share[1]} % by {name}"

    pattern = re.compile(rf"{cover} (\d+) to (\d+) % by {name}")
    return _Said(f"{index}_percent", pattern, say, lambda match: (int(match[1]), int(match[2])))


_SAID: tuple[_Said, ...] = (
    _Said(
        "metres_per_px",
        re.compile(rf"({_NUMBER}) m per pixel"),
        lambda metres: f"{metres:.4g} m per pixel",
        lambda match: float(match[1]),
    ),
    _Said("crs", re.compile(r"CRS (.+)"), lambda crs: f"CRS {crs}"),
    _Said(
        "band_count",
        re.compile(r"(\d+) bands?"),
        lambda count: f"{count} band" + ("s" if count > 1 else ""),
        lambda match: int(match[1]),
    ),
    _Said(
        "bands",
        re.compile(r"bands known: (.+)"),
        lambda bands: f"bands known: {', '.join(bands)}",
        lambda match: tuple(match[1].split(", ")),
    ),
    _Said(
        "bounds",
        re.compile(rf"longitude ({_NUMBER}) to ({_NUMBER}), latitude ({_NUMBER}) to ({_NUMBER})"),
        lambda edges: "longitude {0:.5g} to {2:.5g}, latitude {1:.5g} to {3:.5g}".format(*edges),
        lambda match: tuple(float(match[n]) for n in (1, 3, 2, 4)),
    ),
    _Said("taken", re.compile(r"taken (.+)"), lambda taken: f"taken {taken}"),
    _Said(
        "nodata_percent",
        re.compile(r"(\d+) % holds no data"),
        lambda percent: f"{percent} % holds no data",
        lambda match: int(match[1]),
    ),
    _Said(
        "cloud_percent",
        re.compile(r"cloud cover (\d+) % by its metadata"),
        lambda percent: f"cloud cover {percent} % by its metadata",
        lambda match: int(match[1]),
    ),
    _Said(
        "snow_percent",
        re.compile(r"snow cover (\d+) % by its metadata"),
        lambda percent: f"snow cover {percent} % by its metadata",
        lambda match: int(match[1]),
    ),
    _mean("ndvi"),
    _mean("ndwi"),
    _percent("ndvi", "vegetation"),
    _percent("ndwi", "open water"),
    _Said(
        "sensor",
        re.compile(r"(radar|optical) sensor"),
        lambda sensor: f"{sensor} sensor",
    ),
)


def told(facts: PictureFacts, question: str) -> str:
    """The question with the facts before it."""
    said = [
        each.say(value) for each in _SAID if (value := getattr(facts, each.name)) not in (None, ())
    ]
    listed = "".join(f"; {_on_one_line(words)}" for words in (*said, *facts.notes))
    return f"About the image: {facts.width_px} x {facts.height_px} px{listed}.\n{question}"


def heard(text: str) -> tuple[PictureFacts | None, str]:
    """The facts before a question, if there are any, and the question."""
    match = _LINE.match(text)
    if match is None:
        return None, text
    known: dict[str, Any] = {}
    notes: list[str] = []
    for words in match[3].split("; ")[1:]:
        name, value = _fact_in(words, known)
        if name:
            known[name] = value
        else:
            notes.append(words)
    facts = PictureFacts(int(match[1]), int(match[2]), tuple(notes), **known)
    return facts, text[match.end() :]


def _fact_in(words: str, known: Mapping[str, Any]) -> tuple[str, Any]:
    for each in _SAID:
        match = each.pattern.fullmatch(words)
        if match and each.name not in known:
            return each.name, each.parse(match)
    return "", None


def _on_one_line(words: str) -> str:
    return " ".join(words.replace(";", ",").split())
