"""Answers about the colours of the picture or of a part of it."""

from __future__ import annotations

from dataclasses import replace

from modal_services.engines.measure.finding import COLOURS, Finding, percent, refused
from modal_services.engines.measure.intents import Asked, Region
from modal_services.engines.measure.look import Look, look
from modal_services.engines.measure.view import View

LEADING_COLOUR, COLOUR_LEAD = 0.35, 0.10
MOST = 0.5


def dominant_colour(view: View, asked: Asked) -> Finding:
    """The leading colour, or that none leads."""
    if view.picture.colours_are_guessed:
        text = "I cannot tell: which bands are red, green and blue is a guess."
        return refused(text, COLOURS, "bands")
    seen = _part(view, asked.region) if asked.region else view.look
    where = f" of the {asked.region[0]}" if asked.region else ""
    if not seen.colours:
        return refused("That part is too small to have a colour.", COLOURS, "size")
    first = seen.colours[0]
    if is_clear(seen):
        text = (
            f"The dominant colour{where} is {first.name}: about {percent(first.share)} % of"
            " the pixels."
        )
    else:
        text = f"No single colour{where} dominates. The most common are {colour_words(seen)}."
    return Finding(
        text,
        COLOURS,
        value=first.name if is_clear(seen) else [each.name for each in seen.colours[:2]],
        caveats=("Colour names have soft borders.",),
        evidence={colour.name: percent(colour.share) for colour in seen.colours},
    )


def is_clear(seen: Look) -> bool:
    """Whether one colour leads."""
    first, *others = seen.colours
    leads = not others or first.share - others[0].share >= COLOUR_LEAD
    return first.share >= LEADING_COLOUR and leads


def colour_words(seen: Look) -> str:
    """The leading colour, or the two that lead together."""
    first = seen.colours[0]
    if is_clear(seen):
        return f"mostly {first.name}" if first.share > MOST else f"{first.name} most of all"
    return " and ".join(f"{colour.name} ({percent(colour.share)} %)" for colour in seen.colours[:2])


def _part(view: View, region: Region) -> Look:
    left, top, right, bottom = region[1]
    width, height = view.picture.width_px, view.picture.height_px
    rows = slice(int(top * height), max(int(top * height) + 1, round(bottom * height)))
    columns = slice(int(left * width), max(int(left * width) + 1, round(right * width)))
    return look(replace(view.picture, rgb=view.picture.rgb[rows, columns]))
