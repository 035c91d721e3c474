"""What is told of a picture, and from where on a claim is right often enough to be made.

The thresholds below are where the claim was right for at least nine tiles in ten, on UC Merced
tiles by the class of their folder (840 to choose on, 420 others to check, in that order):

- water-like from `WATER_SEEN` on, in a picture that is not bluish all over (`NOT_BLUE_LEAST`):
  37 of 38, then 11 of 11 stand in a class with water;
- no water at all below `NO_WATER`: 265 of 275, then 134 of 138 stand in a class without. It
  is wrong for about 8 % of the tiles that have water (muddy or shaded streams);
- vegetation-like from `GREEN_SEEN` on: 144 of 153, then 44 of 48 are no beach, harbour or
  apron. "No vegetation" is never said: it was wrong for every chaparral tile;
- mostly vegetation from `MOST` on: 49 of 51, then 16 of 16 (mostly water: 2 of 2, then none);
- bare or built is never named as the main cover: .71 on the second set (fallow fields,
  leafless woods).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from imagery import Picture
    from modal_services.engines.measure.cover import Covers, Share
    from modal_services.engines.measure.look import Look

Cover: TypeAlias = Literal["water", "vegetation"]

WATER_SEEN = 0.12
NOT_BLUE_LEAST = 0.15
NO_WATER = 0.01
GREEN_SEEN = 0.25
MOST = 0.55
RUNNER_UP_AT_MOST = 0.25
WIDEST_RANGE = 0.30  # a wider range is no answer to "how much"
DARK, BRIGHT = 0.33, 0.66  # thirds of full brightness
LEADING_COLOUR, COLOUR_LEAD = 0.35, 0.10

COLOUR_RULES = "colour rules over RGB (hue, brightness) and texture, a strict and a lenient one"
PIXELS = "pixel count of the decoded picture"
COLOURS = "named colours by hue, saturation and brightness, counted by pixel"
COLOUR_CAVEAT = "By colour and texture alone; what only looks like it is counted too."
RANGE_CAVEAT = "The range is that of two rules, not a confidence interval."
WATER_CAVEAT = (
    "Muddy, green, foaming or shaded water is often missed; smooth dark roofs, smooth teal fields"
    " and deep shadow are sometimes taken for water."
)
GREEN_CAVEAT = "Dry or leafless plants are missed; green water and green paint are counted."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is told of one question, before it is put in the form of a reply."""

    text: str
    method: str
    answered: bool = True
    caveats: tuple[str, ...] = ()
    measured: Mapping[str, object] = field(default_factory=dict)


def look_of(picture: Picture) -> Look:
    """Colours and brightness."""
    from modal_services.engines.measure.look import look  # noqa: PLC0415 - numpy when needed

    return look(picture)


def covers_of(picture: Picture) -> Covers:
    """Cover shares; only for pictures that `why_no_cover` has nothing against."""
    from modal_services.engines.measure.cover import covers  # noqa: PLC0415 - numpy when needed

    return covers(picture)


def size_words(picture: Picture) -> str:
    """Columns by rows."""
    return f"{picture.scene_width_px} × {picture.scene_height_px} px"


def colour_words(seen: Look) -> str:
    """The leading colour, or the two that lead together."""
    first, *others = seen.colours
    if first.share >= LEADING_COLOUR and (
        not others or first.share - others[0].share >= COLOUR_LEAD
    ):
        return f"mostly {first.name}" if first.share > 0.5 else f"{first.name} most of all"  # noqa: PLR2004
    return " and ".join(f"{colour.name} ({percent(colour.share)} %)" for colour in seen.colours[:2])


def percent(share: float) -> int:
    """A share of 0 to 1 in whole percent."""
    return round(100 * share)


def why_no_cover(seen: Look) -> str:
    """Why colour rules say nothing of this picture; empty where they may."""
    if seen.is_flat:
        return "nothing is visible: the picture is nearly uniform"
    if seen.is_tiny:
        return "the picture is too small for colour and texture to say what covers it"
    if seen.is_grey:
        return "the picture is greyscale; colour rules do not apply"
    if seen.is_guess:
        return "which bands are red, green and blue is a guess; colour rules do not apply"
    return ""


def share_of(found: Covers, name: Cover) -> Share:
    """The share of a cover by its name."""
    return found.water if name == "water" else found.vegetation


def is_seen(found: Covers, name: Cover) -> bool:
    """Whether a cover is there clearly enough to say so."""
    if name == "water":
        return found.water.low >= WATER_SEEN and found.not_blue >= NOT_BLUE_LEAST
    return found.vegetation.low >= GREEN_SEEN
