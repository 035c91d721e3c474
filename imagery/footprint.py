"""The outline of a scene as GeoJSON (RFC 7946): WGS84, split at the antimeridian."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagery.facts import Footprint

if TYPE_CHECKING:
    from imagery.georeference import Georeference

Ring = NDArray[np.float64]
EDGE_POINTS = 32  # a projection's edge bends in lon/lat
TOLERANCE = 5e-4  # of the outline's extent: points nearer to the line than this are dropped
DECIMALS = 7  # about a centimetre
SLIVER_DEG = 1e-6


def footprint(place: Georeference) -> Footprint | None:
    """The outline, or None where a part of it has no longitude and latitude.

    Raises:
        ValueError: the scene is not on Earth.
    """
    ring = _outline(place)
    if ring is None:
        return None
    parts = [_simplified(part) for part in _split(ring)]
    polygons = tuple((_closed(part),) for part in parts if np.ptp(part[:, 0]) > SLIVER_DEG)
    if not polygons:
        return None
    if len(polygons) == 1:
        return Footprint(type="Polygon", coordinates=polygons[0])
    return Footprint(type="MultiPolygon", coordinates=polygons)


def _outline(place: Georeference) -> Ring | None:
    """An open ring with longitudes that do not jump, going round once."""
    steps = np.arange(EDGE_POINTS) / EDGE_POINTS
    ones = np.ones(EDGE_POINTS)
    x = np.concatenate([steps, ones, 1 - steps, 0 * ones]) * place.width_px
    y = np.concatenate([0 * ones, steps, ones, 1 - steps]) * place.height_px
    lon, lat = place.to_lonlat(x, y)
    if place.crs.is_geographic:  # 180 and -180 are not the same edge of a world map
        lon = place.to_crs(x, y)[0]
        lon = lon - 360 * np.round((lon.mean()) / 360)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return np.stack([np.unwrap(lon, period=360), np.clip(lat, -90, 90)], axis=1)


def _split(ring: Ring) -> list[Ring]:
    """Parts within -180 to 180, of a ring that may run over it or round a pole."""
    offsets: tuple[int, ...] = (-360, 0, 360)
    turn = ring[-1, 0] + _turned(ring[0, 0] - ring[-1, 0]) - ring[0, 0]
    if abs(turn) > 180:  # noqa: PLR2004 - once round: there is a pole inside
        ring, offsets = _over_pole(ring, turn), (0,)
    parts = []
    for offset in offsets:
        part = _clipped(_clipped(ring + np.array([offset, 0]), -180, above=True), 180, above=False)
        if len(part) > 2:  # noqa: PLR2004 - an area
            parts.append(part)
    return parts


def _over_pole(ring: Ring, turn: float) -> Ring:
    """A ring round a pole as a band, three times round, that ends at the pole's edge of the map."""
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    ring = ring - np.array([360 * np.round(ring[:, 0].mean() / 360), 0])
    rounds = np.concatenate([ring + np.array([n * turn, 0]) for n in (-1, 0, 1)])
    return np.concatenate([rounds, [(rounds[-1, 0], pole), (rounds[0, 0], pole)]])


def _clipped(ring: Ring, meridian: float, *, above: bool) -> Ring:
    """The part of a ring on one side of a meridian (Sutherland and Hodgman 1974)."""
    sign = 1 if above else -1
    out: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in zip(np.roll(ring, 1, axis=0), ring, strict=True):
        inside0, inside1 = sign * (x0 - meridian) >= 0, sign * (x1 - meridian) >= 0
        if inside0 != inside1:
            out.append((meridian, y0 + (y1 - y0) * (meridian - x0) / (x1 - x0)))
        if inside1:
            out.append((x1, y1))
    return np.array(out).reshape(-1, 2)


def _simplified(ring: Ring) -> Ring:
    """The ring without points that lie on the line between others (Douglas and Peucker 1973)."""
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))
    limit = TOLERANCE * float(np.ptp(ring, axis=0).max())
    halves = ring[: far + 1], np.concatenate([ring[far:], ring[:1]])
    return np.concatenate([_line(half, limit)[:-1] for half in halves])


def _line(points: Ring, limit: float) -> Ring:
    start, along = points[0], points[-1] - points[0]
    length = float(np.hypot(*along))
    off = points - start
    if length > 0:
        distance = np.abs(off[:, 0] * along[1] - off[:, 1] * along[0]) / length
    else:
        distance = np.hypot(*off.T)
    furthest = int(np.argmax(distance))
    if distance[furthest] <= limit:
        return points[[0, -1]]
    before, after = _line(points[: furthest + 1], limit), _line(points[furthest:], limit)
    return np.concatenate([before[:-1], after])


def _closed(ring: Ring) -> tuple[tuple[float, float], ...]:
    """Closed and counter-clockwise, as RFC 7946 wants an outer ring."""
    x, y = ring.T
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    ordered = ring if area > 0 else ring[::-1]
    points = [(float(lon), float(lat)) for lon, lat in np.round(ordered, DECIMALS)]
    return (*points, points[0])


def _turned(degrees: float) -> float:
    return (degrees + 180) % 360 - 180
