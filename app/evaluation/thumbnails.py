"""Small pictures for a page, as data: URIs; each is made once."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from imagery import ImageryError, Limits

SIDE_PX, QUALITY = 200, 80


class Thumbnails:
    """Makes them of local files; an address elsewhere is not fetched again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, str | None] = {}

    def uri(self, image: str) -> str | None:
        """A JPEG of at most 200 pixels a side, or None where there is no picture."""
        if image not in self._made:
            self._made[image] = None if "://" in image else _small(self._folder / image)
        return self._made[image]


def _small(path: Path) -> str | None:
    from PIL import Image  # noqa: PLC0415 - with the decoder

    from imagery.decode import decode, decode_raster  # noqa: PLC0415 - Pillow when needed
    from imagery.reading import PLAIN  # noqa: PLC0415

    limits = Limits()
    try:
        large = path.stat().st_size > limits.max_bytes
        picture = decode_raster(path, limits, PLAIN) if large else decode(path.read_bytes(), limits)
    except (ImageryError, OSError):
        return None
    small = Image.fromarray(picture.rgb)
    small.thumbnail((SIDE_PX, SIDE_PX))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
