"""Answers from what the file states: size, bands, CRS, resolution, place, date, indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from modal_services.engines.measure.finding import FILE, PIXELS, Finding, refused
from modal_services.engines.measure.intents import Asked, Kind
from modal_services.engines.measure.view import View
from modal_services.engines.measure.vocabulary import SQUARE_METRES

NOT_STATED = "The file does not state {what}."


def size_words(view: View) -> str:
    """Columns by rows."""
    width, height = view.size_px
    return f"{width} × {height} px"


def metres_words(metres: float) -> str:
    """A ground sample distance."""
    return f"{metres:.3g} m per pixel"


def area_words(square_metres: float, unit: str = "") -> str:
    """An area in a unit; in one that suits it where none is wanted."""
    chosen = unit or ("km2" if square_metres >= 1e6 else "ha" if square_metres >= 1e4 else "m2")  # noqa: PLR2004
    value = square_metres / SQUARE_METRES[chosen]
    shown = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"  # noqa: PLR2004
    return f"{shown} {_UNIT_WORDS[chosen]}"


def rough_area_words(square_metres: float, unit: str = "") -> str:
    """A measured area to three digits, which is more than measuring knows."""
    return area_words(float(f"{square_metres:.3g}"), unit)


_UNIT_WORDS: Mapping[str, str] = {"m2": "m²", "ha": "ha", "km2": "km²", "acres": "acres"}


def _image_size(view: View, _asked: Asked) -> Finding:
    width, height = view.size_px
    return Finding(
        f"The image is {width} pixels wide and {height} pixels high.",
        PIXELS,
        value=[width, height],
        unit="px",
        caveats=("In pixels, not on the ground.",),
    )


def _bands(view: View, asked: Asked) -> Finding:
    count = view.facts.band_count
    if asked.options:
        return _has_band(view, asked.options[0])
    if count is None:
        count, named = (1, ("grey",)) if view.look.is_grey else (3, ("red", "green", "blue"))
        text = f"As a picture it has {_plural(count, 'band')} ({', '.join(named)})."
        return Finding(text, PIXELS, value=count, caveats=("Of the picture as it was sent.",))
    known = view.facts.bands
    words = f"; known are {', '.join(known)}" if known else "; the file does not say which is what"
    text = f"The image has {_plural(count, 'band')}{words}."
    return Finding(text, FILE, value=count, evidence={"bands": list(known)})


def _has_band(view: View, words: str) -> Finding:
    """Whether there is a band of a name; no only where every band is known."""
    count, named = view.facts.band_count, view.facts.bands
    told = _bands(view, Asked("bands"))
    name = words.rsplit(" ", 1)[0].replace("-", " ")
    roles = _ROLES.get(name, (name,))
    known = [each.partition(" ")[2] for each in named]
    if count is None:
        known = ["grey"] if view.look.is_grey else ["red", "green", "blue"]
    is_there = any(role in roles for role in known)
    if not is_there and count is not None and len(named) < count:
        text = f"I cannot tell whether there is {_article(words)}: the file does not say."
        return refused(f"{text} {told.text}", FILE, "metadata")
    answer = "yes" if is_there else "no"
    text = f"{answer.capitalize()}: {told.text[0].lower()}{told.text[1:]}"
    return replace(told, text=text, value=answer)


_NEAR, _SHORT = ("nir", "nir08", "nir09"), ("swir", "swir1", "swir2")
_ROLES: Mapping[str, tuple[str, ...]] = {
    "near infrared": _NEAR, "nir": _NEAR, "infrared": (*_NEAR, *_SHORT),
    "short wave infrared": _SHORT, "shortwave infrared": _SHORT, "swir": _SHORT,
    "panchromatic": ("pan",),
}  # fmt: skip


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _crs(view: View, _asked: Asked) -> Finding:
    if view.facts.crs is None:
        return _unknown("a coordinate reference system")
    text = f"The coordinate reference system is {view.facts.crs}."
    return Finding(text, FILE, value=view.facts.crs)


def _resolution(view: View, asked: Asked) -> Finding:
    metres = asked.metres_per_px or view.facts.metres_per_px
    if metres is None:
        more = f" In pixels the image is {size_words(view)}."
        return _unknown("its ground sample distance", more)
    text = f"One pixel is {metres:.3g} m on the ground, and the image is {size_words(view)}."
    return Finding(text, FILE, value=metres, unit="m")


def _bounds(view: View, asked: Asked) -> Finding:
    edges = view.facts.bounds
    if edges is None:
        return _unknown("where it lies")
    west, south, east, north = edges
    if asked.options and west <= east:
        middle = [(west + east) / 2, (south + north) / 2]
        at = "longitude {}, latitude {}".format(*map(degrees, middle))
        return Finding(f"Its centre lies near {at} degrees.", FILE, value=middle, unit="degrees")
    text = (
        f"It lies between longitude {degrees(west)} and {degrees(east)}, latitude {degrees(south)}"
        f" and {degrees(north)} degrees. Place names I cannot tell."
    )
    return Finding(text, FILE, value=list(edges), unit="degrees")


def degrees(value: float) -> str:
    """Degrees to about a metre: with fewer decimals a small picture would have no width."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def _ground_size(view: View, asked: Asked) -> Finding:
    metres = asked.metres_per_px or view.facts.metres_per_px
    if metres is None:
        return _unknown("its ground sample distance", STATE_DISTANCE)
    width, height = view.size_px
    area = width * height * metres**2
    text = (
        f"The image covers {area_words(area, asked.unit)}: {size_words(view)} at"
        f" {metres_words(metres)}."
    )
    return Finding(text, FILE, value=round(area, 1), unit="m2")


STATE_DISTANCE = " Say it with the question, for example “at 0.3 m per pixel”."


def _taken(view: View, _asked: Asked) -> Finding:
    if view.facts.taken is None:
        return _unknown("when it was taken")
    return Finding(f"It was taken on {view.facts.taken}.", FILE, value=view.facts.taken)


def _nodata(view: View, _asked: Asked) -> Finding:
    percent = view.facts.nodata_percent or 0
    if not view.facts.band_count:
        return _unknown("which pixels hold no data")
    text = f"About {percent} % of the image holds no data." if percent else "No pixel lacks data."
    return Finding(text, FILE, value=percent, unit="percent", range=(percent, percent))


def _index_mean(view: View, asked: Asked) -> Finding:
    name = asked.index.upper()
    mean = view.facts.ndvi_mean if asked.index == "ndvi" else view.facts.ndwi_mean
    roles = ("red" if asked.index == "ndvi" else "green", "nir")
    known = {words.partition(" ")[2]: words.partition(" ")[0] for words in view.facts.bands}
    if mean is None:
        needs = "red and near-infrared" if asked.index == "ndvi" else "green and near-infrared"
        text = f"I cannot compute {name}: the file does not say which bands are {needs}."
        return refused(text, FILE, "bands")
    if asked.bands and tuple(known.get(role) for role in roles) != tuple(map(str, asked.bands)):
        said = ", ".join(view.facts.bands)
        text = f"I measured {name} of other bands than you name. What is known of them: {said}."
        return refused(text, FILE, "bands")
    text = f"The mean {name} is {mean:.3f}, of raw digital numbers where there is data."
    return Finding(text, f"{name} of the file's own bands", value=mean)


def _sensor(view: View, asked: Asked) -> Finding:
    sensor = view.facts.sensor
    if sensor is None:
        return _unknown("whether it is an optical or a radar image")
    wanted = {"sar": "radar"}.get(asked.options[0], asked.options[0]) if asked.options else ""
    article = "an" if sensor == "optical" else "a"
    text = f"It is {article} {sensor} image."
    if wanted:
        text = f"{'Yes' if wanted == sensor else 'No'}: it is {article} {sensor} image."
    return Finding(text, "bands, tags and speckle of the file", value=sensor)


def _colour_mode(view: View, _asked: Asked) -> Finding:
    mode = "greyscale" if view.look.is_grey else "colour"
    text = "The picture is greyscale." if view.look.is_grey else "The picture is in colour."
    return Finding(text, "spread between the channels of each pixel", value=mode)


def told_cover(view: View, cover: str) -> int | None:
    """Percent of cloud or snow, as the scene's metadata tell."""
    return view.facts.cloud_percent if cover == "cloud" else view.facts.snow_percent


def _unknown(what: str, more: str = "") -> Finding:
    return refused(NOT_STATED.format(what=what) + more, FILE, "metadata")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


ON_FACTS: Mapping[Kind, Callable[[View, Asked], Finding]] = {
    "image_size": _image_size,
    "bands": _bands,
    "crs": _crs,
    "resolution": _resolution,
    "bounds": _bounds,
    "ground_size": _ground_size,
    "taken": _taken,
    "nodata": _nodata,
    "index_mean": _index_mean,
    "sensor": _sensor,
    "colour_mode": _colour_mode,
}
