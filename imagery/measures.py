"""Facts of an open scene: its place, its dates, its indices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagery.facts import Footprint, Kind, RasterFacts
from imagery.footprint import footprint
from imagery.georeference import Georeference
from imagery.indices import IndexCover, normalised_difference
from imagery.scene import Scene, has_data

if TYPE_CHECKING:
    from imagery.windows import PixelWindow

# Tags of acquisition first; TIFF's DateTime is that of the file, but producers of satellite
# pictures set it to the acquisition.
_DATES = (
    "ACQUISITIONDATETIME", "ACQUISITION_DATETIME", "ACQUISITION_DATE", "DATE_ACQUIRED",
    "SENSING_TIME", "DATATAKE_SENSING_START", "PRODUCT_START_TIME", "DATETIME", "DATE_TIME",
    "TIFFTAG_DATETIME",
)  # fmt: skip
_CLOUDS = ("CLOUD_COVER", "CLOUD_COVER_LAND", "CLOUDY_PIXEL_PERCENTAGE", "EO:CLOUD_COVER")
_SNOW = ("SNOW_ICE_PERCENTAGE", "SNOW_COVER", "EO:SNOW_COVER")
_DATE = re.compile(r"((?:19|20)\d\d)[-:/]?(0[1-9]|1[0-2])[-:/]?(0[1-9]|[12]\d|3[01])(?!\d)")


def facts_of(
    scene: Scene,
    window: PixelWindow,
    kind: Kind,
    nodata_share: float,
    *,
    indices: tuple[float | None, float | None] = (None, None),
    covers: Mapping[str, IndexCover] | None = None,
    remarks: tuple[str, ...] = (),
) -> RasterFacts:
    """Facts of a window of a scene.

    Args:
        scene: open.
        window: what was read.
        kind: of the raster.
        nodata_share: of the window's pixels, 0 to 1.
        indices: mean NDVI and NDWI.
        covers: water and vegetation by index.
        remarks: to the warnings.
    """
    place = place_of(scene, window)
    outline, more = _outline(place)
    stated = place is not None and not scene.by_points
    found = covers or {}
    return RasterFacts(
        kind=kind,
        width_px=window.width,
        height_px=window.height,
        bands=scene.plan.bands,
        dtype=", ".join(dict.fromkeys(scene.dataset.dtypes)),
        shown_bands=scene.plan.shown,
        crs=place.name if place and stated else None,
        ground_sample_distance_m=place.ground_sample_distance_m if place else None,
        footprint=outline,
        nodata_share=nodata_share,
        acquired=acquired(scene.dataset.tags()),
        cloud_percent=percent_in(scene.dataset.tags(), _CLOUDS),
        snow_percent=percent_in(scene.dataset.tags(), _SNOW),
        ndvi_mean=indices[0],
        ndwi_mean=indices[1],
        vegetation_by_ndvi=found["vegetation"].share if "vegetation" in found else None,
        water_by_ndwi=found["water"].share if "water" in found else None,
        warnings=(*scene.remarks, *remarks, *_warnings(scene), *more),
    )


def place_of(scene: Scene, window: PixelWindow) -> Georeference | None:
    """Where a window lies."""
    return scene.place.part(*window) if scene.place else None


def acquired(tags: Mapping[str, str]) -> str | None:
    """The ISO date in a file's tags, or None."""
    upper = {key.upper(): value for key, value in tags.items()}
    for name in _DATES:
        if found := _DATE.match(upper.get(name, "").strip()):
            return "-".join(found.groups())
    return None


def percent_in(tags: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    """The first of some tags that holds a percentage, or None."""
    upper = {key.upper(): value.strip() for key, value in tags.items()}
    for name in names:
        if re.fullmatch(r"\d{1,3}(\.\d+)?", upper.get(name, "")) and float(upper[name]) <= 100:  # noqa: PLR2004
            return float(upper[name])
    return None


def mean_difference(
    first: NDArray[Any], second: NDArray[Any], marks: tuple[float | None, float | None]
) -> float | None:
    """Mean of (first - second) / (first + second) over pixels where both hold data.

    Of raw digital numbers: of near-infrared and red it is NDVI (Rouse and others 1974), of green
    and near-infrared NDWI (McFeeters 1996).
    """
    held = has_data(first, marks[0]) & has_data(second, marks[1])
    held &= np.add(first, second, dtype=np.float64) != 0
    index = normalised_difference(first[held], second[held])
    return float(np.mean(index, dtype=np.float64)) if index.size else None


def _outline(place: Georeference | None) -> tuple[Footprint | None, tuple[str, ...]]:
    if place is None:
        return None, ()
    if place.planet:
        return None, (f"not on Earth: {place.planet}; no longitude and latitude are given",)
    outline = footprint(place)
    return outline, () if outline else ("a part of the scene has no longitude and latitude",)


def _warnings(scene: Scene) -> list[str]:
    said = []
    if scene.place is None:
        what = "a coordinate reference system" if scene.dataset.crs is None else "a transform"
        said.append(f"the file lacks {what}: where it lies and its pixel size are not known")
    elif scene.by_points:
        said.append(
            f"no coordinate reference system: place and pixel size are estimated from "
            f"{scene.by_points} ground control points"
        )
    guessed = [b for b in scene.plan.bands if b.role == "nir" and not b.role_known]
    if guessed:
        said.append(
            f"band {guessed[0].index} may be near-infrared, which is a guess: "
            "state the bands to have NDVI"
        )
    elif not any(b.role_known for b in scene.plan.bands) and len(scene.plan.bands) > 1:
        said.append("the file does not say what its bands are: colours are a guess")
    return said
