"""The words that sentence forms are made of: covers, regions, units, scene classes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from modal_services.engines.measure.intents import Cover, Region

_COVER_WORDS: Mapping[Cover, str] = {
    "water": r"(?:open |surface )?water(?: areas?| bod(?:y|ies)| pixels| surfaces?| cover)?"
    r"|bod(?:y|ies) of water",
    "vegetation": r"(?:green |plant )?vegetation(?: areas?| pixels| cover)?"
    r"|vegetated (?:areas?|land|surfaces?)|vegetated|green(?:ery| cover| areas?| spaces?)"
    r"|plant (?:cover|life)|plants",
    "built-up": r"built[- ]?up(?: (?:areas?|land|surfaces?|cover|parts?))?"
    r"|(?:urbani[sz]ed|developed) (?:areas?|land)|urban (?:development|land)",
    "bare": r"(?:bare|exposed) (?:soil|ground|land|earth)|barren land|bare",
    "cloud": r"clouds?(?: cover)?|cloudy|clouded",
    "snow": r"snow(?: cover)?|snowy",
}
_COVERS = {cover: re.compile(words) for cover, words in _COVER_WORDS.items()}
ONE_COVER = rf"(?:(?:an? |the |any |some )?(?:{'|'.join(_COVER_WORDS.values())}))"
COVERS = rf"{ONE_COVER}(?:(?:,| and|, and| &) {ONE_COVER})*"


def cover_of(words: str) -> Cover:
    """The cover that a match of `ONE_COVER` names."""
    plain = re.sub(r"^(?:an?|the|any|some) ", "", words.strip())
    return next(cover for cover, form in _COVERS.items() if form.fullmatch(plain))


def covers_of(words: str) -> tuple[Cover, ...]:
    """The covers that a match of `COVERS` names, each once."""
    parts = re.split(r", and |, | and | & ", words)
    return tuple(dict.fromkeys(cover_of(part) for part in parts))


THIRD, HALF = 1 / 3, 1 / 2
_ROWS = {"top": (0.0, THIRD), "upper": (0.0, THIRD), "bottom": (1 - THIRD, 1.0),
         "lower": (1 - THIRD, 1.0)}  # fmt: skip
_COLUMNS = {"left": (0.0, THIRD), "right": (1 - THIRD, 1.0)}
_PART = r"(?:half|part|side|third|edge|area|region|corner|quarter|quadrant)"
REGION = (
    r"(?:the )?(?:(?:very )?(?:cent(?:er|re)|middle)(?: part| area| region)?"
    rf"|(?:top|upper|bottom|lower)(?:[ -](?:left|right))?(?:[ -](?:hand ))?(?: {_PART})?"
    rf"|(?:left|right)(?:[ -]hand)?(?: {_PART})?)"
)


def region_of(words: str) -> Region:
    """The region that a match of `REGION` names: a half where a half is said, else a third."""
    name = " ".join(words.replace("-", " ").removeprefix("the ").split())
    said = name.split()
    if "center" in said or "centre" in said or "middle" in said:
        return name, (THIRD, THIRD, 1 - THIRD, 1 - THIRD)
    rows = next((_ROWS[word] for word in said if word in _ROWS), (0.0, 1.0))
    columns = next((_COLUMNS[word] for word in said if word in _COLUMNS), (0.0, 1.0))
    if {"half", "quarter", "quadrant"} & set(said):
        rows, columns = _to_the_middle(rows), _to_the_middle(columns)
    return name, (columns[0], rows[0], columns[1], rows[1])


def _to_the_middle(span: tuple[float, float]) -> tuple[float, float]:
    return {(0.0, THIRD): (0.0, HALF), (1 - THIRD, 1.0): (HALF, 1.0)}.get(span, span)


_SQUARE = r"(?:square |sq\.? ?)"
_UNITS: Mapping[str, str] = {
    "ha": r"hectares?|ha",
    "km2": rf"{_SQUARE}kilomet(?:er|re)s?|{_SQUARE}km|km2|km²",
    "m2": rf"{_SQUARE}met(?:er|re)s?|{_SQUARE}m|m2|m²|sqm",
    "acres": r"acres?",
}
UNIT = rf"(?:{'|'.join(_UNITS.values())})"
SQUARE_METRES: Mapping[str, float] = {"ha": 1e4, "km2": 1e6, "m2": 1.0, "acres": 4046.8564224}


def unit_of(words: str) -> str:
    """The unit that a match of `UNIT` names."""
    return next(unit for unit, form in _UNITS.items() if re.fullmatch(form, words))


# A class of the scene head by what people call it. UC Merced's names come first.
SCENE_WORDS: Mapping[str, str] = {
    "agricultural": r"agricultur(?:al|e)(?: (?:field|land|area))?|crop ?land|farm ?land|crop field",
    "airplane": r"air ?plane",
    "baseballdiamond": r"baseball ?(?:diamond|field)",
    "beach": r"beach",
    "buildings": r"buildings",
    "chaparral": r"chaparral|shrub ?land|scrub ?land",
    "denseresidential": r"dense ?residential(?: area)?",
    "forest": r"forest|wood ?land",
    "freeway": r"freeway|highway|motorway",
    "golfcourse": r"golf ?course",
    "harbor": r"harbou?r|marina|port",
    "intersection": r"(?:road )?intersection|crossroads?",
    "mediumresidential": r"medium(?: density)? ?residential(?: area)?",
    "mobilehomepark": r"mobile ?home ?park|trailer park",
    "overpass": r"overpass|fly ?over",
    "parkinglot": r"parking ?lot|car park",
    "river": r"river",
    "runway": r"runway",
    "sparseresidential": r"sparse ?residential(?: area)?",
    "storagetanks": r"storage ?tanks",
    "tenniscourt": r"tennis ?courts?",
}
SCENE = rf"(?:{'|'.join(SCENE_WORDS.values())})"


# Several classes by one name, and the group of `scene_words` that they are.
_GROUP_WORDS: Mapping[str, str] = {
    "residential area": r"residential(?: (?:area|neighbou?rhood|district))?|housing area",
    "airfield": r"air ?(?:port|field)",
}
SCENES = rf"(?:{'|'.join(_GROUP_WORDS.values())})"


def scene_of_words(words: str) -> str:
    """The scene class, or the group of them, that words name; empty where none does."""
    plain = re.sub(r"^(?:an?|the) ", "", words.strip())
    plain = re.sub(r" (?:scene|image)$", "", plain)
    named = {**SCENE_WORDS, **_GROUP_WORDS}
    return next((name for name, form in named.items() if re.fullmatch(form, plain)), "")
