"""A decoded picture: upright, 8-bit, RGB, without metadata."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imagery.facts import RasterFacts


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as a model may see it.

    Attributes:
        rgb: shape (height, width, 3), 8-bit, upright.
        mime: of the file it came from.
        notes: what was done to it that a person should know, e.g. "first frame of 3".
        scene_px: columns and rows of the scene that it was scaled down from; None: the same.
        facts: of the raster that it shows; None for a plain picture.
        masks: where a spectral index finds "water" or "vegetation", of the picture's shape.
    """

    rgb: NDArray[np.uint8]
    mime: str
    notes: tuple[str, ...] = ()
    scene_px: tuple[int, int] | None = None
    facts: RasterFacts | None = None
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    _uris: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.rgb.shape[1])

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.rgb.shape[0])

    @property
    def scene_width_px(self) -> int:
        """Columns of the scene."""
        return self.scene_px[0] if self.scene_px else self.width_px

    @property
    def scene_height_px(self) -> int:
        """Rows of the scene."""
        return self.scene_px[1] if self.scene_px else self.height_px

    @property
    def colours_are_guessed(self) -> bool:
        """Whether what is shown as red, green and blue may be other bands."""
        return any("a guess" in note or "false colour" in note for note in self.notes)

    def encoded(self, max_pixels: int) -> tuple[bytes, str]:
        """The picture within a pixel budget, as a file without metadata.

        Returns:
            The bytes and their media type: PNG up to one megapixel, JPEG (quality 95, no
            chroma subsampling) above, where PNG would cost tens of megabytes.
        """
        from imagery.encode import encode  # noqa: PLC0415 - Pillow only when needed

        return encode(self.rgb, max_pixels)

    def has_data_uri(self, max_pixels: int) -> bool:
        """Whether `data_uri` would answer at once."""
        return max_pixels in self._uris

    def data_uri(self, max_pixels: int) -> str:
        """`encoded`, as a data: URI for a request to a model."""
        if max_pixels not in self._uris:  # asked for again with every question on one picture
            data, mime = self.encoded(max_pixels)
            self._uris[max_pixels] = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
        return self._uris[max_pixels]
