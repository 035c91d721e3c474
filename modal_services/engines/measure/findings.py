"""Says what was measured for each intent, and keeps silent where measuring goes wrong too often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from modal_services.engines.measure.finding import (
    BRIGHT,
    COLOUR_CAVEAT,
    COLOUR_LEAD,
    COLOUR_RULES,
    COLOURS,
    DARK,
    GREEN_CAVEAT,
    LEADING_COLOUR,
    MOST,
    NO_WATER,
    PIXELS,
    RANGE_CAVEAT,
    RUNNER_UP_AT_MOST,
    WATER_CAVEAT,
    WIDEST_RANGE,
    Cover,
    Finding,
    colour_words,
    covers_of,
    is_seen,
    look_of,
    percent,
    share_of,
    size_words,
    why_no_cover,
)
from modal_services.engines.measure.questions import Intent

if TYPE_CHECKING:
    from imagery import Picture
    from modal_services.engines.measure.cover import Covers, Share

CAVEATS: Mapping[Cover, str] = {"water": WATER_CAVEAT, "vegetation": GREEN_CAVEAT}
COVERS: tuple[Cover, ...] = ("water", "vegetation")


def _cover_or_why(picture: Picture, say: Callable[[Covers], Finding]) -> Finding:
    why = why_no_cover(look_of(picture))
    if why:
        return Finding(f"I cannot tell: {why}.", COLOUR_RULES, answered=False)
    return say(covers_of(picture))


def _why_no_share(share: Share) -> str:
    low, high = percent(share.low), percent(share.high)
    if high <= 1:
        return "the colour rules find next to none, and so near to nothing they are often wrong"
    return (
        f"the colour rules find anything from {low} to {high} %, and so near to nothing or so far"
        " apart they are often wrong"
    )


def _range_words(share: Share) -> str:
    low, high = percent(share.low), percent(share.high)
    return "two rules agree" if low == high else f"range {low}–{high} %"


def _measured(share: Share, **evidence: object) -> dict[str, object]:
    return {
        "value": round(100 * share.value, 1),
        "unit": "percent",
        "range": [round(100 * share.low, 1), round(100 * share.high, 1)],
        "evidence": evidence,
    }


def _image_size(picture: Picture) -> Finding:
    size = [picture.scene_width_px, picture.scene_height_px]
    return Finding(
        f"The image is {size[0]} pixels wide and {size[1]} pixels high.",
        PIXELS,
        caveats=("In pixels, not on the ground.",),
        measured={
            "value": size,
            "unit": "px",
            "range": [size] * 2,
            "evidence": {"width_px": size[0], "height_px": size[1]},
        },
    )


def _colour_mode(picture: Picture) -> Finding:
    mode = "greyscale" if look_of(picture).is_grey else "colour"
    text = f"The picture is in {mode}." if mode == "colour" else "The picture is greyscale."
    measured: dict[str, object] = {
        "value": mode,
        "unit": None,
        "range": [mode, mode],
        "evidence": {},
    }
    return Finding(text, "spread between the channels of each pixel", measured=measured)


def _dominant_colour(picture: Picture) -> Finding:
    seen = look_of(picture)
    first = seen.colours[0]
    clear = len(seen.colours) == 1 or (
        first.share >= LEADING_COLOUR and first.share - seen.colours[1].share >= COLOUR_LEAD
    )
    if clear:
        text = f"The dominant colour is {first.name}: about {percent(first.share)} % of the pixels."
    else:
        text = f"No single colour dominates. The most common are {colour_words(seen)}."
    evidence = {colour.name: percent(colour.share) for colour in seen.colours}
    value = first.name if clear else None
    return Finding(
        text,
        COLOURS,
        caveats=("Colour names have soft borders.",),
        measured={"value": value, "unit": None, "range": [value, value], "evidence": evidence},
    )


def _dominant_cover(picture: Picture) -> Finding:
    def say(found: Covers) -> Finding:
        evidence = _measured(found.water)["range"], _measured(found.vegetation)["range"]
        shares = dict(zip(("water_like_percent", "vegetation_like_percent"), evidence, strict=True))
        for name, other in (COVERS, COVERS[::-1]):
            share = share_of(found, name)
            next_most = max(share_of(found, other).value, found.bare_or_built.value)
            led = is_seen(found, name) and next_most <= RUNNER_UP_AT_MOST
            if share.low >= MOST and led:
                text = (
                    f"Mostly {name}-like cover by colour: about {percent(share.value)} % of the"
                    f" image ({_range_words(share)})."
                )
                caveats = (COLOUR_CAVEAT, WATER_CAVEAT, GREEN_CAVEAT)
                measured = _measured(share, **shares)
                return Finding(text, COLOUR_RULES, caveats=caveats, measured=measured)
        text = (
            "I cannot name a main land cover: neither water-like nor vegetation-like colour clearly"
            " leads, and colour rules cannot tell bare ground, buildings and dry plants apart."
        )
        return Finding(text, COLOUR_RULES, answered=False, measured={"evidence": shares})

    return _cover_or_why(picture, say)


def _share(picture: Picture, name: Cover) -> Finding:
    def say(found: Covers) -> Finding:
        share, caveat = share_of(found, name), CAVEATS[name]
        caveats = (COLOUR_CAVEAT, RANGE_CAVEAT, caveat)
        if is_seen(found, name) and share.high - share.low <= WIDEST_RANGE:
            text = (
                f"About {percent(share.value)} % of the image is {name}-like by colour"
                f" ({_range_words(share)})."
            )
            return Finding(text, COLOUR_RULES, caveats=caveats, measured=_measured(share))
        if name == "water" and found.maybe_water < NO_WATER:
            return _none_found(found, caveats)
        text = f"I cannot tell how much {name} there is: {_why_no_share(share)}."
        return Finding(text, COLOUR_RULES, answered=False, caveats=caveats)

    return _cover_or_why(picture, say)


def _presence(picture: Picture, name: Cover) -> Finding:
    def say(found: Covers) -> Finding:
        share, caveat = share_of(found, name), CAVEATS[name]
        caveats = (COLOUR_CAVEAT, caveat)
        if is_seen(found, name):
            text = (
                f"Yes, by colour: about {percent(share.value)} % of the image is {name}-like"
                f" pixels ({_range_words(share)})."
            )
            return Finding(text, COLOUR_RULES, caveats=caveats, measured=_measured(share))
        if name == "water" and found.maybe_water < NO_WATER:
            return _none_found(found, caveats)
        text = f"I cannot tell whether there is {name}: colour alone is not clear enough here."
        return Finding(text, COLOUR_RULES, answered=False, caveats=caveats)

    return _cover_or_why(picture, say)


def _none_found(found: Covers, caveats: tuple[str, ...]) -> Finding:
    text = (
        "None found by colour: no smooth patch that could be open water."
        " Small, muddy or shaded water may be missed."
    )
    return Finding(text, COLOUR_RULES, caveats=caveats, measured=_measured(found.water))


def _description(picture: Picture) -> Finding:
    seen = look_of(picture)
    kind = "greyscale" if seen.is_grey else "colour"
    first = f"A {kind} picture of {size_words(picture)}, {colour_words(seen)}"
    light = "dark" if seen.brightness < DARK else "bright" if seen.brightness > BRIGHT else "medium"
    sentences = [f"{first}, {light} in brightness."]
    evidence: dict[str, object] = {"brightness_percent": percent(seen.brightness)}
    caveats: tuple[str, ...] = (COLOUR_CAVEAT,)
    why = why_no_cover(seen)
    if why:
        sentences.append(f"I cannot say more: {why}.")
    else:
        found = covers_of(picture)
        sentences.append(_cover_sentence(found))
        evidence["water_like_percent"] = _measured(found.water)["range"]
        evidence["vegetation_like_percent"] = _measured(found.vegetation)["range"]
        caveats = (COLOUR_CAVEAT, RANGE_CAVEAT, WATER_CAVEAT, GREEN_CAVEAT)
    sentences.append("This is by measurement alone: no vision-language model is connected.")
    measured = {"evidence": evidence}
    return Finding(" ".join(sentences), COLOUR_RULES, caveats=caveats, measured=measured)


def _cover_sentence(found: Covers) -> str:
    told, untold = [], []
    for name in COVERS:
        share = share_of(found, name)
        if is_seen(found, name):
            told.append(
                f"about {percent(share.value)} % {name}-like pixels ({_range_words(share)})"
            )
        elif name == "water" and found.maybe_water < NO_WATER:
            told.append("no water found")
        else:
            untold.append(name)
    by_colour = f"By colour: {', '.join(told)}." if told else ""
    unclear = (
        f"Colour does not tell clearly how much {' or '.join(untold)} there is." if untold else ""
    )
    return f"{by_colour} {unclear}".strip()


ANSWERS: Mapping[Intent, Callable[[Picture], Finding]] = {
    "image_size": _image_size,
    "colour_mode": _colour_mode,
    "dominant_colour": _dominant_colour,
    "dominant_cover": _dominant_cover,
    "water_share": partial(_share, name="water"),
    "vegetation_share": partial(_share, name="vegetation"),
    "water_presence": partial(_presence, name="water"),
    "vegetation_presence": partial(_presence, name="vegetation"),
    "description": _description,
}
