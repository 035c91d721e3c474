"""A part of a scene, as a person names it: in longitude and latitude, in its CRS, or in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from imagery.errors import BadReference

if TYPE_CHECKING:
    from imagery.georeference import Georeference

WindowKind = Literal["lonlat", "crs", "pixels"]
EDGE_POINTS = 17  # the edge of a window in lon/lat is bent in pixels
_NEAREST_PX = 1e-3  # an edge this near to a pixel's edge is meant to be on it


class PixelWindow(NamedTuple):
    """Whole pixels of a scene, from its upper left corner."""

    col_off: int
    row_off: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Window:
    """Bounds of a part of a scene.

    Attributes:
        kind: of the coordinates: degrees on WGS84, units of the scene's CRS, or columns and rows
            from the upper left corner. In longitude, xmin may be larger than xmax: the window
            then crosses the antimeridian (RFC 7946, 5.2).
    """

    kind: WindowKind
    xmin: float
    ymin: float
    xmax: float
    ymax: float


def parse_window(text: str, *, kind: WindowKind = "lonlat") -> Window:
    """The window in `xmin,ymin,xmax,ymax`.

    Raises:
        BadReference: it is not four numbers, has no area, or is not on Earth.
    """
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):  # noqa: PLR2004 - two corners
        raise BadReference(
            f"{text[:60]!r} is not a window of four numbers", hint="write xmin,ymin,xmax,ymax"
        )
    xmin, ymin, xmax, ymax = numbers
    if kind == "lonlat" and not (max(abs(xmin), abs(xmax)) <= 360 and ymin >= -90 and ymax <= 90):  # noqa: PLR2004
        raise BadReference(
            f"the window {text[:60]} is not in degrees of longitude and latitude",
            hint="give it in the scene's own coordinates or in pixels",
        )
    if ymin >= ymax or (xmin >= xmax and kind != "lonlat") or xmin == xmax:
        raise BadReference(
            f"the window {text[:60]} has no area", hint="write xmin,ymin,xmax,ymax, in that order"
        )
    return Window(kind, xmin, ymin, xmax, ymax)


def whole(width_px: int, height_px: int) -> PixelWindow:
    """All of a scene."""
    return PixelWindow(0, 0, width_px, height_px)


def pixels_of(
    window: Window, width_px: int, height_px: int, place: Georeference | None
) -> PixelWindow:
    """The whole pixels that a window touches, clipped to the scene.

    Args:
        window: what is asked for.
        width_px: columns of the scene.
        height_px: rows of the scene.
        place: where the scene lies; None where it does not say.

    Raises:
        BadReference: the window is outside of the scene, or needs a place that the scene lacks.
    """
    if window.kind == "pixels":
        bounds = window.xmin, window.ymin, window.xmax, window.ymax
        extent = f"columns 0 to {width_px}, rows 0 to {height_px}"
    else:
        if place is None or (window.kind == "lonlat" and place.planet):
            where = "is not on Earth" if place else "does not say where it lies"
            raise BadReference(f"the scene {where}", hint="give the window in pixels")
        bounds = _bounds_px(window, place)
        extent = _extent(window.kind, place)
    left, top = (max(0, math.floor(v + _NEAREST_PX)) for v in bounds[:2])
    right = min(width_px, math.ceil(bounds[2] - _NEAREST_PX))
    bottom = min(height_px, math.ceil(bounds[3] - _NEAREST_PX))
    if left >= right or top >= bottom:
        raise BadReference(f"the window is outside of the scene, which spans {extent}")
    return PixelWindow(left, top, right - left, bottom - top)


def _bounds_px(window: Window, place: Georeference) -> tuple[float, float, float, float]:
    import numpy as np  # noqa: PLC0415 - a window in pixels needs none

    xmax = window.xmax + 360 * (window.kind == "lonlat" and window.xmax < window.xmin)
    along = np.linspace(0, 1, EDGE_POINTS)
    gx, gy = np.meshgrid(
        window.xmin + along * (xmax - window.xmin),
        window.ymin + along * (window.ymax - window.ymin),
    )
    # A grid rather than the edge alone: a window over a pole has its middle outermost.
    if window.kind == "crs":
        x, y = place.from_crs(gx, gy)
    else:
        x, y = place.from_lonlat(gx, gy)
    if not np.isfinite(x).any():
        return 0.0, 0.0, -1.0, -1.0
    return tuple(float(f(v)) for f in (np.nanmin, np.nanmax) for v in (x, y))  # type: ignore[return-value]


def _extent(kind: WindowKind, place: Georeference) -> str:
    from imagery.footprint import footprint  # noqa: PLC0415 - for the message alone

    if kind == "crs":
        corners = [
            (0, 0),
            (place.width_px, 0),
            (0, place.height_px),
            (place.width_px, place.height_px),
        ]
        x, y = place.to_crs(*zip(*corners, strict=True))
        spans = f"x {x.min():.10g} to {x.max():.10g}, y {y.min():.10g} to {y.max():.10g}"
        return f"{spans} in {place.name}"
    outline = footprint(place)
    if outline is None:
        return "no longitude and latitude that can be told"
    west, south, east, north = outline.bounds
    return f"longitude {west:.6g} to {east:.6g}, latitude {south:.6g} to {north:.6g}"
