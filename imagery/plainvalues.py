"""Values that are shown as they stand: classes with colours, bilevel pictures, masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagery.errors import CorruptImage
from imagery.gdal import structure_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rasterio.io import DatasetReader

    from imagery.facts import Kind

WHITE = 255


def in_plain_colours(
    dataset: DatasetReader,
    shown: Sequence[int],
    values: NDArray[Any],
    valid: NDArray[np.bool_],
    kind: Kind,
) -> NDArray[np.uint8] | None:
    """Colours of shape (height, width, 1 or 3), or None where values are to be stretched."""
    if len(shown) > 1:
        return None
    grey: NDArray[Any] = values[0]
    if kind == "palette":
        return _palette(dataset, shown[0], grey)
    inverted = structure_of(dataset).get("MINISWHITE") == "YES"  # GDAL leaves it so
    bits = int(dataset.tags(shown[0], ns="IMAGE_STRUCTURE").get("NBITS", 0))
    if grey.dtype == np.uint8 and 0 < bits < 8:  # noqa: PLR2004 - 1 of a bilevel picture is white
        grey = (grey.astype(np.uint16) * 255 // (2**bits - 1)).astype(np.uint8)
    elif kind == "mask":
        grey = np.where(grey == grey[valid].max(), WHITE, 0).astype(np.uint8)
    elif not (inverted and grey.dtype == np.uint8):
        return None
    out: NDArray[np.uint8] = (WHITE - grey if inverted else grey)[..., None]
    return out


def _palette(dataset: DatasetReader, band: int, classes: NDArray[Any]) -> NDArray[np.uint8] | None:
    if classes.dtype not in (np.uint8, np.uint16):  # a damaged header: no such values have colours
        return None
    table = np.zeros((65536 if classes.dtype == np.uint16 else 256, 3), np.uint8)
    try:
        colours = dataset.colormap(band)
    except ValueError as error:
        raise CorruptImage("the file says that its classes have colours, but holds none") from error
    for index, colour in colours.items():
        table[index] = colour[:3]
    coloured: NDArray[np.uint8] = table[classes]
    return coloured
