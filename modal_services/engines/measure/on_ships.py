"""Answers about ships on open water."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modal_services.engines.measure.evidence import png_uri
from modal_services.engines.measure.finding import Finding, percent, refused
from modal_services.engines.measure.intents import Asked, Kind
from modal_services.engines.measure.view import View

MOORED = 0.2  # chance of a harbour above which boats may lie side by side
METHOD = "hull-shaped spots that stand out from open water"
CAVEATS = (
    "Only ships alone on open water are counted; moored and touching ones are not.",
    "A buoy, a rock or a wake of a hull's shape is counted too.",
)


def ship_count(view: View, _asked: Asked) -> Finding:
    """How many ships are alone on open water."""
    return _found(view, presence=False)


def ship_presence(view: View, _asked: Asked) -> Finding:
    """Whether any is."""
    return _found(view, presence=True)


def _found(view: View, *, presence: bool) -> Finding:
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", METHOD, "count")
    if dict(view.scene.ranked).get("harbor", 0) > MOORED:
        text = "I cannot count ships here without a vision-language model: it may be a harbour, and"
        return refused(f"{text} moored boats cannot be told apart.", METHOD, "count")
    ships = view.ships
    if ships.count is None:
        text = f"I cannot count ships here without a vision-language model: {ships.why_not}."
        return refused(text, METHOD, "count")
    where = f"in the {percent(ships.searched)} % of the image that is open water"
    if ships.count == 0:
        text = f"No ship found {where}."
    else:
        noun = "ship" if ships.count == 1 else "ships"
        text = f"{'Yes: about' if presence else 'About'} {ships.count} {noun}, {where}."
    value: object = ("yes" if ships.count else "none found") if presence else ships.count
    return Finding(text, METHOD, value=value, mask=png_uri(ships.mask), caveats=CAVEATS)


ON_SHIPS: Mapping[Kind, Callable[[View, Asked], Finding]] = {
    "ship_count": ship_count,
    "ship_presence": ship_presence,
}
