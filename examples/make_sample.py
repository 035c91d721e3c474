"""Makes examples/coast.png: a drawn coast, for trying Swath without an image of one's own.

    python examples/make_sample.py

It is no satellite image: a sea, fields, a road and houses, with the colours and the roughness
that such things have from above. The same file every time.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE_PX = 320
SEA, FIELD, SAND, ROAD, ROOF = (
    (28, 72, 118),
    (74, 112, 52),
    (196, 178, 140),
    (128, 126, 124),
    (158, 120, 104),
)


def coast() -> NDArray[np.uint8]:
    """The picture, shape (320, 320, 3)."""
    dice = np.random.default_rng(2026)
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
    shore = 120 + 22 * np.sin(rows / 41) + 9 * np.sin(rows / 13)
    land, beach = columns > shore + 9, np.abs(columns - shore - 4) < 5
    picture = np.empty((SIDE_PX, SIDE_PX, 3))
    picture[:] = SEA
    picture[land] = FIELD
    stripes = 14 * np.sin(columns / 3.1 + rows / 29)
    picture[land] += stripes[land][:, None]
    picture[beach] = SAND
    for offset in (0, 3):
        cv2.line(picture, (SIDE_PX, 60 + offset), (150, 210 + offset), ROAD, 4)
    for x, y in ((232, 190), (262, 176), (288, 210), (250, 232), (284, 250), (222, 262)):
        cv2.rectangle(picture, (x, y), (x + 14, y + 10), ROOF, -1)
        cv2.rectangle(picture, (x, y + 10), (x + 14, y + 12), (60, 70, 50), -1)
    rough = np.where(land, 13.0, 1.2)[..., None]
    picture += dice.normal(0, 1, picture.shape) * rough
    return cv2.GaussianBlur(picture, (3, 3), 0.6).clip(0, 255).astype(np.uint8)


def main() -> None:
    """Writes the file beside this script."""
    path = Path(__file__).parent / "coast.png"
    cv2.imwrite(str(path), cv2.cvtColor(coast(), cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
