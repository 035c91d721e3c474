"""What is known of a raster: bands, place, pixel size, indices, and how sure it is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "photo",  # a picture that is no raster of a place: PNG, JPEG, ...
    "rgb",  # red, green and blue and no other band
    "multispectral",  # two bands or more, not just red, green and blue
    "greyscale",  # one band of values
    "sar-like",  # one band of radar, or with speckle like one
    "index",  # one band of a named index, e.g. NDVI
    "mask",  # one band of at most two values
    "palette",  # one band of classes with colours
]
ANTIMERIDIAN = 180.0
Point = tuple[float, float]
Polygon = tuple[tuple[Point, ...], ...]


class Footprint(BaseModel):
    """A GeoJSON geometry of outer rings, longitude first (RFC 7946)."""

    model_config = ConfigDict(frozen=True)

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: Polygon | tuple[Polygon, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees; west is larger where it crosses 180 (RFC 7946)."""
        if self.type == "Polygon":
            (polygon,) = _polygons(self)
            lon, lat = zip(*polygon[0], strict=True)
            return min(lon), min(lat), max(lon), max(lat)
        points = [[*zip(*polygon[0], strict=True)] for polygon in _polygons(self)]
        south, north = min(min(lat) for _, lat in points), max(max(lat) for _, lat in points)
        west = max((min(lon) for lon, _ in points if max(lon) >= ANTIMERIDIAN), default=-180.0)
        east = min((max(lon) for lon, _ in points if min(lon) <= -ANTIMERIDIAN), default=180.0)
        return west, south, east, north


class Band(BaseModel):
    """One band of a raster."""

    model_config = ConfigDict(frozen=True)

    index: int = Field(ge=1, description="counted from 1, as GDAL does")
    name: str = Field(description="as the file has it, or `band 1`")
    role: str | None = Field(
        default=None, description="red, green, blue, nir, swir1, thermal, ... or not known"
    )
    role_known: bool = Field(
        default=False, description="stated by the file or a person; otherwise a guess"
    )
    dtype: str = Field(description="as numpy calls it: uint8, int16, float32, ...")


class RasterFacts(BaseModel):
    """Facts of a scene, or of the window of it that was read."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    width_px: int = Field(ge=1, description="of the scene at full size, or of the window")
    height_px: int = Field(ge=1, description="of the scene at full size, or of the window")
    bands: tuple[Band, ...]
    dtype: str = Field(description="of the bands; several are joined by a comma")
    shown_bands: tuple[int, ...] = Field(description="as red, green, blue; one is shown grey")
    crs: str | None = Field(default=None, description="EPSG:n or the name; None: not stated")
    ground_sample_distance_m: float | None = None
    footprint: Footprint | None = Field(default=None, description="None: not on Earth, or unknown")
    nodata_share: float = Field(default=0.0, ge=0, le=1, description="of the pixels")
    acquired: str | None = Field(default=None, description="ISO date, as the file's tags have it")
    ndvi_mean: float | None = Field(
        default=None, description="of raw digital numbers; only where red and nir are known"
    )
    ndwi_mean: float | None = Field(
        default=None, description="McFeeters' green and nir, as ndvi_mean"
    )
    vegetation_by_ndvi: tuple[float, float] | None = Field(
        default=None, description="least and most of the pixels with data; None: it is not clear"
    )
    water_by_ndwi: tuple[float, float] | None = Field(
        default=None, description="open water, as vegetation_by_ndvi"
    )
    cloud_percent: float | None = Field(default=None, description="as the scene's metadata tell")
    snow_percent: float | None = Field(default=None, description="as the scene's metadata tell")
    warnings: tuple[str, ...] = ()

    def band(self, role: str, *, known: bool = False) -> int | None:
        """The index of the band in a role; with `known`, never one that is guessed."""
        found = (b.index for b in self.bands if b.role == role and (b.role_known or not known))
        return next(found, None)


def _polygons(outline: Footprint) -> tuple[Polygon, ...]:
    """The polygons of either type."""
    return (outline.coordinates,) if outline.type == "Polygon" else outline.coordinates  # type: ignore[return-value]


def facts_of_photo(width_px: int, height_px: int, mode: str) -> RasterFacts:
    """Facts of a picture that is not a raster of a place, by its Pillow mode."""
    names = ("grey",) if mode in {"1", "L", "LA", "I", "F", "I;16"} else ("red", "green", "blue")
    dtype = {"I": "int32", "F": "float32", "I;16": "uint16"}.get(mode, "uint8")
    bands = tuple(
        Band(
            index=i,
            name=name,
            role=None if name == "grey" else name,
            role_known=name != "grey",
            dtype=dtype,
        )
        for i, name in enumerate(names, 1)
    )
    return RasterFacts(
        kind="photo",
        width_px=width_px,
        height_px=height_px,
        bands=bands,
        dtype=dtype,
        shown_bands=tuple(band.index for band in bands),
    )
