"""Ships on open water: what stands out from a wide, smooth, blue surface and has a hull's shape.

Only for open water. Boats that touch each other, a quay or the edge of the picture cannot be told
apart by these means: on a harbour with about 150 moored boats an early version found none. So
where much of what stands out is no single hull, nothing is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from modal_services.engines.measure.cover import Covers
from modal_services.engines.measure.look import shrunk

SEA_LEAST = 0.4  # of the picture, by the strict rule
SHORE_PX = 9  # what is nearer to the shore may be a part of it
CONTRAST = 40  # 8-bit steps of luma from the water's own
AREA_PX = (12, 4000)
ELONGATION = (1.6, 9.0)  # of a hull's sides
FILLS = 0.45  # of the rotated box around it
CLUTTER_AT_MOST = 0.34  # of what stands out may be no hull
SPECKS_PX = 4


@dataclass(frozen=True, slots=True)
class Ships:
    """What was counted.

    Attributes:
        count: hulls; None: not countable here.
        why_not: the reason, where it is not.
        searched: the part of the picture, 0 to 1, that is open water away from the shore.
        mask: 255 on the hulls that were counted.
    """

    count: int | None
    why_not: str
    searched: float
    mask: NDArray[np.uint8]


def ships_on(rgb: NDArray[np.uint8], covers: Covers) -> Ships:
    """Counts hulls on open water."""
    small = shrunk(rgb)
    strict = covers.masks["water"] == 255  # noqa: PLR2004 - both rules
    nothing = np.zeros(strict.shape, np.uint8)
    sea = _filled(covers.masks["water"] > 0)
    inner = cv2.erode(sea, np.ones((2 * SHORE_PX + 1,) * 2, np.uint8)) > 0
    searched = float(inner.mean())
    if min(searched, float(strict.mean())) < SEA_LEAST:
        return Ships(None, "too little open water is seen by colour", searched, nothing)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.int16)
    water = int(np.median(luma[strict]))
    stands_out = ((np.abs(luma - water) > CONTRAST) & (sea > 0)).astype(np.uint8)
    count, labels, table, _ = cv2.connectedComponentsWithStats(stands_out, connectivity=8)
    hulls, clutter = 0, 0
    for index in range(1, count):
        if table[index, cv2.CC_STAT_AREA] <= SPECKS_PX:
            continue
        part = labels == index
        if part[inner].any() and _is_hull(part, inner):
            hulls += 1
            nothing[part] = 255
        else:
            clutter += 1
    if clutter > CLUTTER_AT_MOST * (hulls + clutter) and clutter > 1:
        why = (
            "much of what stands out from the water is no single hull (quays, moored boats, waves)"
        )
        return Ships(None, why, searched, np.zeros_like(nothing))
    return Ships(hulls, "", searched, nothing)


def _filled(water: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The water with the holes that ships make in it; what touches the edge is no hole."""
    outline, _ = cv2.findContours(
        water.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    filled = np.zeros(water.shape, np.uint8)
    cv2.drawContours(filled, outline, -1, 1, cv2.FILLED)
    return filled


def _is_hull(part: NDArray[np.bool_], inner: NDArray[np.bool_]) -> bool:
    area = int(part.sum())
    if not AREA_PX[0] <= area <= AREA_PX[1] or not inner[part].all():
        return False
    points = cv2.findNonZero(part.astype(np.uint8))
    (_, _), (one, other), _ = cv2.minAreaRect(points)
    long, short = max(one, other) + 1, min(one, other) + 1
    return bool(ELONGATION[0] <= long / short <= ELONGATION[1] and area / (long * short) >= FILLS)
