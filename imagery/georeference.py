"""Where a pixel lies on Earth, and back.

Pixel coordinates are in pixels from the upper left corner of the upper left pixel: its centre is
(0.5, 0.5). Longitude and latitude are degrees on WGS84 (EPSG:4326), longitude first.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rasterio._err import CPLE_BaseError  # no public name holds GDAL's own errors
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.warp import transform as warp

Floats = NDArray[np.float64]
WGS84 = CRS.from_epsg(4326)
WGS84_A_M, WGS84_F = 6378137.0, 1 / 298.257223563  # NIMA TR8350.2
# Spheres and ellipsoids in use for Earth have half-axes within these, in metres.
EARTH_RADII_M = (6_330_000.0, 6_400_000.0)
TRUE_SCALE = 0.05  # a projection's pixel size is kept where it is this near to the ground's
_ELLIPSOID = re.compile(r'(?:SPHEROID|ELLIPSOID)\["([^"]*)",([0-9.]+(?:[eE][+-]?[0-9]+)?)')
_PLANETS = (
    "Mercury", "Venus", "Moon", "Mars", "Phobos", "Deimos", "Ceres", "Vesta", "Jupiter", "Io",
    "Europa", "Ganymede", "Callisto", "Saturn", "Titan", "Enceladus", "Pluto", "Charon",
)  # fmt: skip


@dataclass(frozen=True)
class Georeference:
    """A coordinate reference system and the affine transform from pixels to its coordinates.

    Attributes:
        width_px, height_px: of the scene; its centre tells which turn of longitude is meant.
    """

    crs: CRS
    transform: Affine
    width_px: int
    height_px: int

    def part(self, col_off: int, row_off: int, width_px: int, height_px: int) -> Georeference:
        """Where a window of the scene lies."""
        t, (x, y) = self.transform, self.to_crs(col_off, row_off)
        moved = Affine(t.a, t.b, float(x), t.d, t.e, float(y))
        return Georeference(self.crs, moved, width_px, height_px)

    def to_crs(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Coordinates of pixels in the scene's CRS."""
        return _applied(self.transform, np.asarray(x, float), np.asarray(y, float))

    def from_crs(self, east: ArrayLike, north: ArrayLike) -> tuple[Floats, Floats]:
        """Pixels at coordinates of the scene's CRS."""
        return _applied(~self.transform, np.asarray(east, float), np.asarray(north, float))

    def to_lonlat(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Longitude (-180 to 180) and latitude of pixels; NaN where the projection has none.

        Raises:
            ValueError: the scene is not on Earth.
        """
        lon, lat = self._warp(self.crs, WGS84, *self.to_crs(x, y))
        return (lon + 180) % 360 - 180, lat

    def from_lonlat(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Pixels at longitude and latitude, inside the scene or not; NaN where there is none.

        Raises:
            ValueError: the scene is not on Earth.
        """
        east, north = self._warp(WGS84, self.crs, np.asarray(lon, float), np.asarray(lat, float))
        if self.crs.is_geographic:  # the turn nearest to the scene: 181 rather than -179
            middle = self.to_crs(self.width_px / 2, self.height_px / 2)[0]
            east = east + 360 * np.round((middle - east) / 360)
        return self.from_crs(east, north)

    @cached_property
    def planet(self) -> str | None:
        """The name of the body where it is another than Earth, by name or by size."""
        found = _ELLIPSOID.search(self.crs.to_wkt())
        if found is None or EARTH_RADII_M[0] < float(found[2]) < EARTH_RADII_M[1]:
            return None
        words = re.split(r"[^A-Za-z]+", self.crs.to_wkt().title())
        return next((name for name in _PLANETS if name in words), "another planet")

    @property
    def name(self) -> str:
        """`EPSG:n`, `ESRI:n`, or what the CRS is called; of another planet, that first."""
        authority = self.crs.to_authority()
        epsg = self.crs.to_epsg()
        called = f"EPSG:{epsg}" if epsg else ":".join(authority) if authority else self._called()
        return f"{self.planet} ({called})" if self.planet else called

    @property
    def ground_sample_distance_m(self) -> float | None:
        """Side of a square as large as a pixel, in metres on the ground at the scene's centre.

        As the projection has it, where that is within 5 % of the ground (Mercator is not, away
        from the equator); of another planet, always as the projection has it.
        """
        size = math.sqrt(abs(self.transform.determinant))
        if self.planet:
            return None if self.crs.is_geographic else size * self.crs.linear_units_factor[1]
        ground = self._ground_m()
        if self.crs.is_geographic or not self.crs.is_projected:
            return ground
        nominal = size * float(self.crs.linear_units_factor[1])
        if ground is None or abs(nominal / ground - 1) <= TRUE_SCALE:
            return nominal
        return ground

    def _ground_m(self) -> float | None:
        """The square root of a pixel's area on the ellipsoid, by finite differences."""
        x, y = self.width_px / 2, self.height_px / 2
        lon, lat = self.to_lonlat([x, x + 1, x], [y, y, y + 1])
        across, down = np.radians([(lon[1:] - lon[0] + 180) % 360 - 180, lat[1:] - lat[0]]).T
        e2 = WGS84_F * (2 - WGS84_F)
        w = 1 - e2 * math.sin(math.radians(lat[0])) ** 2
        metres = (
            WGS84_A_M * math.cos(math.radians(lat[0])) / math.sqrt(w),
            (WGS84_A_M * (1 - e2) / w**1.5),
        )
        area = abs(across[0] * down[1] - across[1] * down[0]) * metres[0] * metres[1]
        return math.sqrt(area) if area > 0 and math.isfinite(area) else None

    def _called(self) -> str:
        wkt = self.crs.to_wkt()
        names = re.findall(r'^\w+\["([^"]+)"|PROJECTION\["([^"]+)"', wkt)
        words = [first or second for first, second in names]
        named = [word for word in words if word.lower() not in {"unnamed", "unknown"}]
        return named[0].replace("_", " ") if named else "unnamed"

    def _warp(self, source: CRS, target: CRS, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        if self.planet:
            raise ValueError(f"the scene is not on Earth but on {self.planet}")
        x, y = np.broadcast_arrays(x, y)
        if source == target:
            return x, y
        moved = _warped(source, target, x.ravel(), y.ravel())
        out = np.where(np.isfinite(moved), moved, np.nan).reshape(2, *x.shape)
        return out[0], out[1]


def _applied(t: Affine, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f


def _warped(source: CRS, target: CRS, x: Floats, y: Floats) -> NDArray[Any]:
    try:
        return np.asarray(warp(source, target, x, y)[:2], float)
    except (CPLE_BaseError, RasterioError):  # one point outside spoils all of them
        if x.size <= 1:
            return np.full((2, x.size), np.nan)
        halves = (slice(None, x.size // 2), slice(x.size // 2, None))
        return np.concatenate([_warped(source, target, x[s], y[s]) for s in halves], axis=1)
