"""What a look at a window of a scene gives: values, where there are any, and its indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagery.bands import BandPlan
from imagery.indices import IndexCover, covers_by_index
from imagery.measures import mean_difference
from imagery.scene import Scene, has_data
from imagery.stretch import fill_at_edges, is_finite
from imagery.windows import PixelWindow

_LEAST_FILL = 0.005


@dataclass(frozen=True, slots=True)
class Look:
    """Values of the shown bands, and what is in them.

    Attributes:
        by_band: values of the shown bands, and of those that indices are made of.
    """

    values: NDArray[Any]
    by_band: dict[int, NDArray[Any]]
    opacity: NDArray[np.uint8]
    valid: NDArray[np.bool_]
    fill_share: float

    @property
    def nodata_share(self) -> float:
        """Part of the window, 0 to 1."""
        return 1 - float(self.valid.mean())


def look_at(scene: Scene, part: PixelWindow, shape: tuple[int, int]) -> Look:
    """Reads a window of a scene at a size of rows and columns."""
    shown = scene.plan.shown
    # All in one go: bands often share their blocks.
    bands = list(dict.fromkeys([*shown, *_index_bands(scene.plan)]))
    every = scene.read(bands, part, shape)
    values = every[: len(shown)]
    opacity = scene.opacity(values, scene.plan.shown, part)
    valid = (opacity > 0) & is_finite(values)
    fill_share = 0.0
    if not scene.marks_nodata() and (values.dtype == np.uint16 or np.iscomplexobj(values)):
        fill = fill_at_edges(values)
        if _LEAST_FILL < fill.mean() < 1:
            fill_share, valid = float(fill.mean()), valid & ~fill
    by_band = dict(zip(bands, every, strict=True))
    return Look(values, by_band, np.where(valid, opacity, np.uint8(0)), valid, fill_share)


def _index_bands(plan: BandPlan) -> list[int]:
    """Bands that NDVI and NDWI are made of: none unless near-infrared is known."""
    if plan.known("nir") is None:
        return []
    return [band for role in ("nir", "red", "green") if (band := plan.known(role))]


def mean_indices(scene: Scene, look: Look) -> tuple[float | None, float | None]:
    """Mean NDVI and NDWI, each where both its bands are known."""
    nir, red, green = (scene.plan.known(role) for role in ("nir", "red", "green"))
    if nir is None:
        return None, None

    def mean(first: int | None, second: int | None) -> float | None:
        if first is None or second is None:
            return None
        marks = scene.dataset.nodatavals
        values = look.by_band[first], look.by_band[second]
        return mean_difference(*values, (marks[first - 1], marks[second - 1]))

    return mean(nir, red), mean(green, nir)


def index_covers(scene: Scene, look: Look) -> dict[str, IndexCover]:
    """Open water and vegetation by index, where the bands are known."""
    roles = {r: band for r in ("nir", "red", "green") if (band := scene.plan.known(r))}
    if "nir" not in roles:
        return {}
    marks = scene.dataset.nodatavals
    bands = {role: look.by_band[band] for role, band in roles.items()}
    held = look.valid.copy()
    for role, band in roles.items():
        held &= has_data(bands[role], marks[band - 1])
    return covers_by_index(bands, held)
