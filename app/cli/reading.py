"""What the options --bbox, --bbox-in and --bands say of a raster."""

from __future__ import annotations

from app.cli.trouble import BAD_USE, stop
from imagery import BadReference
from imagery.layouts import parse_band_roles
from imagery.reading import Reading
from imagery.windows import WindowKind, parse_window

Said = tuple[str | None, WindowKind, str | None]


def reading_of(said: Said) -> Reading:
    """The options as a Reading; one that cannot be read is bad use."""
    bbox, bbox_in, bands = said
    try:
        return Reading(
            window=parse_window(bbox, kind=bbox_in) if bbox else None,
            band_roles=parse_band_roles(bands) if bands else None,
        )
    except BadReference as error:
        stop(str(error), error.hint, BAD_USE)
