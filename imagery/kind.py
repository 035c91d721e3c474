"""Whether a raster is a mask, classes, radar, an index, or plain values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagery.bands import kind_of
from imagery.facts import Kind
from imagery.scene import Scene
from imagery.speckle import SAMPLE_PX, has_speckle
from imagery.windows import PixelWindow

_RADAR_TAGS = ("SENTINEL-1", "SENTINEL1", "RADARSAT", "TERRASAR", "COSMO-SKYMED", "UMBRA", "SAR ")
_GLANCE = 100_000  # values


def kind_of_scene(
    scene: Scene, part: PixelWindow, values: NDArray[Any], valid: NDArray[np.bool_]
) -> Kind:
    """The kind of raster.

    Args:
        scene: open.
        part: the window that was read.
        values: of the shown bands, of shape (bands, rows, columns).
        valid: where they hold data.
    """
    kind = kind_of(scene.plan)
    if kind != "greyscale":
        return kind
    dataset, band = scene.dataset, scene.plan.shown[0]
    if dataset.colorinterp[band - 1].name == "palette":
        return "palette"
    tags = " ".join(dataset.tags().values()).upper()
    if np.iscomplexobj(values) or any(word in tags for word in _RADAR_TAGS):
        return "sar-like"
    if _is_mask(values[0][valid], whole=bool(valid.all())):
        return "mask"
    return "sar-like" if has_speckle(_full_size(scene, part, band)) else "greyscale"


def _is_mask(values: NDArray[Any], *, whole: bool) -> bool:
    """Whether values are two classes, or one class beside pixels without data."""
    if not values.size or np.unique(values[:: max(1, values.size // _GLANCE)]).size > 2:  # noqa: PLR2004
        return False
    count = np.unique(values).size
    return count == 2 or (count == 1 and not whole)  # noqa: PLR2004


def _full_size(scene: Scene, part: PixelWindow, band: int) -> NDArray[Any]:
    """The middle of a window at full size."""
    width, height = min(SAMPLE_PX, part.width), min(SAMPLE_PX, part.height)
    middle = PixelWindow(
        part.col_off + (part.width - width) // 2,
        part.row_off + (part.height - height) // 2,
        width,
        height,
    )
    values: NDArray[Any] = scene.read([band], middle, (height, width))[0]
    return values
