"""Small pictures for a page, as data: URIs; each is made once."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from imagery import ImageryError
from imagery.decode import decode, decode_raster
from imagery.pool import DecodePool
from imagery.reading import PLAIN

SIDE_PX, QUALITY = 200, 80


class Thumbnails:
    """Makes them of local files; an address elsewhere is not fetched again."""

    def __init__(self, folder: Path, pool: DecodePool) -> None:
        self._folder = folder
        self._pool = pool
        self._made: dict[str, str | None] = {}

    def uri(self, image: str) -> str | None:
        """A JPEG of at most 200 pixels a side, or None where there is no picture."""
        if image not in self._made:
            self._made[image] = None if "://" in image else self._small(self._folder / image)
        return self._made[image]

    def _small(self, path: Path) -> str | None:
        limits = self._pool.limits
        try:
            if path.stat().st_size > limits.max_bytes:
                picture = self._pool.call(decode_raster, path, limits, PLAIN)
            else:
                picture = self._pool.call(decode, path.read_bytes(), limits)
        except (ImageryError, OSError):
            return None
        small = Image.fromarray(picture.rgb)
        small.thumbnail((SIDE_PX, SIDE_PX))
        file = io.BytesIO()
        small.save(file, "JPEG", quality=QUALITY)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
