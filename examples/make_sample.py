"""Makes a drawn coast, for trying Swath without an image of one's own.

    python examples/make_sample.py

It is no satellite image: a sea, fields, a road and houses, with the colours and the roughness
that such things have from above, and a near-infrared band as they would have it. It lies on the
equator, where nobody will look for it. `coast.tif` has all four bands, `coast.png` is its picture.
The same pixels every time.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

SIDE_PX, METRES_PER_PX = 320, 0.5
BANDS = ("red", "green", "blue", "nir")
SEA, FIELD, SAND, ROAD, ROOF = (
    (28, 72, 118, 12),
    (74, 112, 52, 210),
    (196, 178, 140, 205),
    (128, 126, 124, 132),
    (158, 120, 104, 150),
)


def coast() -> NDArray[np.uint8]:
    """Red, green, blue and near-infrared, shape (320, 320, 4)."""
    dice = np.random.default_rng(2026)
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
    shore = 120 + 22 * np.sin(rows / 41) + 9 * np.sin(rows / 13)
    land, beach = columns > shore + 9, np.abs(columns - shore - 4) < 5
    picture = np.empty((SIDE_PX, SIDE_PX, len(BANDS)))
    picture[:] = SEA
    picture[land] = FIELD
    stripes = 14 * np.sin(columns / 3.1 + rows / 29)
    picture[land] += stripes[land][:, None]
    picture[beach] = SAND
    for offset in (0, 3):
        cv2.line(picture, (SIDE_PX, 60 + offset), (150, 210 + offset), ROAD, 4)
    for x, y in ((232, 190), (262, 176), (288, 210), (250, 232), (284, 250), (222, 262)):
        cv2.rectangle(picture, (x, y), (x + 14, y + 10), ROOF, -1)
        cv2.rectangle(picture, (x, y + 10), (x + 14, y + 12), (60, 70, 50, 70), -1)
    rough = np.where(land, 13.0, 1.2)[..., None]
    picture += dice.normal(0, 1, picture.shape) * rough
    return cv2.GaussianBlur(picture, (3, 3), 0.6).clip(0, 255).astype(np.uint8)


def main() -> None:
    """Writes the files beside this script."""
    picture, here = coast(), Path(__file__).parent
    cv2.imwrite(str(here / "coast.png"), np.ascontiguousarray(picture[..., 2::-1]))
    form = {
        "driver": "GTiff", "width": SIDE_PX, "height": SIDE_PX, "count": len(BANDS),
        "dtype": "uint8", "crs": "EPSG:32631", "compress": "deflate", "predictor": 2,
        "transform": from_origin(500_000, 100_000, METRES_PER_PX, METRES_PER_PX),
        "photometric": "RGB", "alpha": "unspecified",
    }  # fmt: skip
    with rasterio.open(here / "coast.tif", "w", **form) as file:
        file.write(np.moveaxis(picture, 2, 0))
        file.descriptions = BANDS


if __name__ == "__main__":
    main()
