"""Answers about the colours of the picture or of a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from modal_services.engines.measure.cover_claims import Measured, claim_of
from modal_services.engines.measure.cover_words import none_found, unsure
from modal_services.engines.measure.evidence import mask_uri
from modal_services.engines.measure.finding import COLOURS, Finding, percent, refused
from modal_services.engines.measure.intents import Asked, Cover, Region
from modal_services.engines.measure.look import Colour, Look, colours_of, look, shrunk
from modal_services.engines.measure.view import View

LEADING_COLOUR, COLOUR_LEAD = 0.35, 0.10
MOST = 0.5
BOTH_RULES = 255  # of a cover's mask
Colours: TypeAlias = Sequence[Colour]


def dominant_colour(view: View, asked: Asked) -> Finding:
    """The leading colour, or that none leads."""
    if view.picture.colours_are_guessed:
        text = "I cannot tell: which bands are red, green and blue is a guess."
        return refused(text, COLOURS, "bands")
    if asked.covers:
        return _of_cover(view, asked.covers[0])
    seen = _part(view, asked.region) if asked.region else view.look
    where = f" of the {asked.region[0]}" if asked.region else ""
    if not seen.colours:
        return refused("That part is too small to have a colour.", COLOURS, "size")
    return _told(seen.colours, where)


def _told(colours: Colours, where: str, *caveats: str) -> Finding:
    first = colours[0]
    if is_clear(colours):
        text = (
            f"The dominant colour{where} is {first.name}: about {percent(first.share)} % of"
            f" {'its' if caveats else 'the'} pixels."
        )
    else:
        text = f"No single colour{where} dominates. The most common are {colour_words(colours)}."
    return Finding(
        text,
        COLOURS,
        value=first.name if is_clear(colours) else [each.name for each in colours[:2]],
        caveats=("Colour names have soft borders.", *caveats),
        evidence={colour.name: percent(colour.share) for colour in colours},
    )


def _of_cover(view: View, cover: Cover) -> Finding:
    """Of the pixels that both rules take for a cover, where its share may be told."""
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", COLOURS, "cover")
    measured: Measured = "water" if cover == "water" else "vegetation"
    claim = claim_of(view, measured)
    if claim.state == "absent":
        return refused(none_found(view, measured, claim), claim.by, "cover")
    if not claim.is_told or claim.by_index:
        return unsure(view, measured, claim, f"what colour the {cover} is")
    pixels = shrunk(view.picture.rgb)[view.covers.masks[measured] == BOTH_RULES]
    found = _told(colours_of(pixels[None]), f" of what looks like {cover}", *claim.caveats)
    return replace(found, mask=mask_uri(view, claim.mask))


def is_clear(colours: Colours) -> bool:
    """Whether one colour leads."""
    first, *others = colours
    leads = not others or first.share - others[0].share >= COLOUR_LEAD
    return first.share >= LEADING_COLOUR and leads


def colour_words(colours: Colours) -> str:
    """The leading colour, or the two that lead together."""
    first = colours[0]
    if is_clear(colours):
        return f"mostly {first.name}" if first.share > MOST else f"{first.name} most of all"
    return " and ".join(f"{colour.name} ({percent(colour.share)} %)" for colour in colours[:2])


def _part(view: View, region: Region) -> Look:
    left, top, right, bottom = region[1]
    width, height = view.picture.width_px, view.picture.height_px
    rows = slice(int(top * height), max(int(top * height) + 1, round(bottom * height)))
    columns = slice(int(left * width), max(int(left * width) + 1, round(right * width)))
    return look(replace(view.picture, rgb=view.picture.rgb[rows, columns]))
