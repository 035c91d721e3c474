"""What a person says of a file beside the file itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from imagery.windows import Window


@dataclass(frozen=True, slots=True)
class Reading:
    """How a raster is to be read.

    Attributes:
        window: the part to read; None: all.
        band_roles: which band is what, as `imagery.layouts.parse_band_roles` returns it.
        eo_bands: of the STAC asset that the file is.
        name: of the file; a product's name in it counts as a word on the order of its bands.
        notes: what a person should know of how the file was chosen.
        told: `cloud_percent` and `snow_percent`, where the scene's metadata tell.
    """

    window: Window | None = None
    band_roles: str | Mapping[str, int] | None = None
    eo_bands: tuple[Mapping[str, str], ...] = ()
    name: str = ""
    notes: tuple[str, ...] = ()
    told: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        """Tells readings apart that make different pictures of the same bytes; b"" for a plain one.

        Name, notes and what is told are not in it: the same bytes are kept once, whatever they are
        called.
        """
        window = self.window and [self.window.kind, *self._edges(self.window)]
        roles = self.band_roles if isinstance(self.band_roles, str) else dict(self.band_roles or {})
        if not (window or roles or self.eo_bands):
            return b""
        return json.dumps([window, roles, [*map(dict, self.eo_bands)]], sort_keys=True).encode()

    @staticmethod
    def _edges(window: Window) -> tuple[float, ...]:
        return window.xmin, window.ymin, window.xmax, window.ymax


PLAIN = Reading()
