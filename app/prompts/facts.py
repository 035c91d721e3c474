"""What is known of the image and cannot be seen in the picture, as the line before a question.

The scene's size where it is scaled down, metres per pixel, how its bands became colours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagery import ImageRef
from modal_services.facts import PictureFacts, told

CRS_NAME = r"[A-Z]+:\w{1,12}|[\w ()/.+-]{1,48}"  # a file can call its CRS anything: no sentences
_SENSORS: Mapping[str, str] = {"sar-like": "radar", "multispectral": "optical"}


def facts_of(image: ImageRef) -> PictureFacts:
    """What a raster's facts tell a model; nothing that is a guess."""
    facts = image.facts
    known: dict[str, Any] = {}
    if facts and facts.kind != "photo":
        outline = facts.footprint
        known = {
            "metres_per_px": facts.ground_sample_distance_m,
            "crs": facts.crs if facts.crs and re.fullmatch(CRS_NAME, facts.crs) else None,
            "band_count": len(facts.bands),
            "bands": tuple(f"{b.index} {b.role}" for b in facts.bands if b.role and b.role_known),
            "bounds": outline.bounds if outline else None,
            "taken": facts.acquired,
            "nodata_percent": round(100 * facts.nodata_share) or None,
            "cloud_percent": _whole(facts.cloud_percent),
            "snow_percent": _whole(facts.snow_percent),
            "ndvi_mean": facts.ndvi_mean,
            "ndwi_mean": facts.ndwi_mean,
            "ndvi_percent": _percents(facts.vegetation_by_ndvi),
            "ndwi_percent": _percents(facts.water_by_ndwi),
            "sensor": _SENSORS.get(facts.kind),
        }
    return PictureFacts(image.width_px, image.height_px, image.notes, **known)


def with_facts(text: str, image: ImageRef, max_pixels: int) -> str:
    """The text after what is known of the image and cannot be seen in the picture that is sent."""
    facts = facts_of(image)
    if image.width_px * image.height_px <= max_pixels and facts.are_bare:
        return text
    return told(facts, text)


def _whole(percent: float | None) -> int | None:
    return None if percent is None else round(percent)


def _percents(share: tuple[float, float] | None) -> tuple[int, int] | None:
    return None if share is None else (round(100 * share[0]), round(100 * share[1]))
