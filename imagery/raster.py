"""A raster of any type and size as a picture with its facts.

A large one is read through its overviews, or every nth pixel, so that memory is a matter of the
picture and not of the scene.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imagery.encode import fitted
from imagery.errors import EmptyImage
from imagery.facts import RasterFacts
from imagery.gdal import opened
from imagery.kind import kind_of_scene
from imagery.measures import facts_of
from imagery.orientation import orientation_of, upright
from imagery.picture import Picture
from imagery.plainvalues import in_plain_colours
from imagery.scene import Scene, scene_of
from imagery.sight import Look, index_covers, look_at, mean_indices
from imagery.stretch import Stretch, choose_stretch
from imagery.tones import over_grey
from imagery.windows import PixelWindow, Window, pixels_of

if TYPE_CHECKING:
    from imagery.indices import IndexCover
    from imagery.limits import Limits
    from imagery.tiles import Tile

PREVIEW_OVER_MODEL = 2  # so that bringing it within a model's budget still smooths
STRETCH_PX = 512 * 512  # of the scene, for the stretch that its tiles share


def read_raster(
    source: bytes | Path,
    limits: Limits,
    *,
    window: Window | None = None,
    preview_pixels: int | None = None,
    band_roles: str | Mapping[str, int] | None = None,
    eo_bands: Sequence[Mapping[str, str]] | None = None,
    name: str = "",
) -> Picture:
    """The picture in a GeoTIFF, TIFF or JPEG 2000, with its facts.

    Args:
        source: the file's bytes, or a local file, which is opened in place.
        limits: bound memory and time.
        window: the part of the scene to read.
        preview_pixels: most pixels of the picture; by default twice what a model sees.
        band_roles: what a person says of the bands, as `layouts.parse_band_roles` returns it.
        eo_bands: of a STAC asset.
        name: of the file; a product's name in it is a word on its bands, like one in its tags.

    Raises:
        ImageTooLarge: too many pixels to read without overviews, or blocks too large.
        CorruptImage: GDAL cannot read it.
        EmptyImage: no pixel holds data.
        BadReference: the window is outside, or the stated bands are not those of the file.
        ImageryError: NotAnImage, UnsupportedImage.
    """
    with opened(source) as (dataset, mime):
        scene = scene_of(dataset, mime, limits, band_roles=band_roles, eo_bands=eo_bands, name=name)
        part = _part(scene, window)
        width, height = fitted(
            part.width, part.height, preview_pixels or PREVIEW_OVER_MODEL * limits.model_pixels
        )
        scene.check_cost(part, (height, width), limits)
        picture = _picture(scene, part, (height, width))
        if scene.place is None and window is None:
            return upright(picture, orientation_of(source))
        return picture


def read_facts(
    source: bytes | Path,
    limits: Limits,
    *,
    band_roles: str | Mapping[str, int] | None = None,
    eo_bands: Sequence[Mapping[str, str]] | None = None,
    name: str = "",
) -> RasterFacts:
    """Facts alone, also of a scene without any data, which has no picture.

    Raises:
        ImageryError: as `read_raster`, but not EmptyImage.
    """
    with opened(source) as (dataset, mime):
        scene = scene_of(dataset, mime, limits, band_roles=band_roles, eo_bands=eo_bands, name=name)
        width, height = fitted(dataset.width, dataset.height, limits.model_pixels)
        scene.check_cost(scene.whole, (height, width), limits)
        look = look_at(scene, scene.whole, (height, width))
        return _facts(scene, scene.whole, look, index_covers(scene, look))


def read_tile(
    source: bytes | Path,
    tile: Tile,
    limits: Limits,
    *,
    band_roles: str | Mapping[str, int] | None = None,
) -> Picture:
    """The picture of one tile of a scene; all tiles of it are stretched alike.

    Raises:
        ImageryError: as `read_raster`; EmptyImage where the tile alone holds no data.
    """
    with opened(source) as (dataset, mime):
        scene = scene_of(dataset, mime, limits, band_roles=band_roles)
        width, height = fitted(dataset.width, dataset.height, STRETCH_PX)
        shape = tile.height_px, tile.width_px
        scene.check_cost(scene.whole, (height, width), limits)
        scene.check_cost(tile.window, shape, limits)
        over_all = look_at(scene, scene.whole, (height, width))
        if not over_all.valid.any():
            raise EmptyImage("no pixel of the scene holds data")
        return _picture(scene, tile.window, shape, stretch=_stretch(scene, over_all))


def _part(scene: Scene, window: Window | None) -> PixelWindow:
    if window is None:
        return scene.whole
    place = None if scene.by_points else scene.place
    return pixels_of(window, scene.dataset.width, scene.dataset.height, place)


def _picture(
    scene: Scene, part: PixelWindow, shape: tuple[int, int], stretch: Stretch | None = None
) -> Picture:
    look = look_at(scene, part, shape)
    if not look.valid.any():
        raise EmptyImage("no pixel of the raster holds data")
    notes = []
    pages = len(scene.dataset.subdatasets)
    if pages > 1:
        notes.append(f"first page of {pages}")
    if scene.plan.note:
        notes.append(scene.plan.note)
    covers = index_covers(scene, look)
    facts = _facts(scene, part, look, covers)
    rgb = in_plain_colours(scene.dataset, scene.plan.shown, look.values, look.valid, facts.kind)
    if rgb is None:
        chosen = stretch or _stretch(scene, look, radar=facts.kind == "sar-like")
        rgb = chosen.apply(look.values, look.valid)
        notes += [chosen.note] if chosen.note else []
    if look.opacity.min() < 255:  # noqa: PLR2004 - all there
        share = 100 * float(np.mean(look.opacity < 255))  # noqa: PLR2004
        notes.append(f"{share:.0f} % holds no data or is transparent, shown grey")
    full = (part.width, part.height)
    return Picture(
        over_grey(np.ascontiguousarray(np.broadcast_to(rgb, (*shape, 3))), look.opacity),
        scene.mime,
        tuple(notes),
        scene_px=None if full == shape[::-1] else full,
        facts=facts,
        masks={name: cover.mask for name, cover in covers.items()},
    )


def _stretch(scene: Scene, look: Look, *, radar: bool | None = None) -> Stretch:
    if radar is None:
        radar = kind_of_scene(scene, scene.whole, look.values, look.valid) == "sar-like"
    return choose_stretch(
        look.values, look.valid, declared_rgb=scene.plan.declared_rgb, radar=radar
    )


def _facts(
    scene: Scene, part: PixelWindow, look: Look, covers: Mapping[str, IndexCover]
) -> RasterFacts:
    remarks = []
    if look.fill_share:
        remarks.append(
            f"{100 * look.fill_share:.0f} % is one low value at the edges: taken for no data"
        )
    if not look.valid.any():
        remarks.append("no pixel holds data")
    return facts_of(
        scene,
        part,
        kind_of_scene(scene, part, look.values, look.valid),
        look.nodata_share,
        indices=mean_indices(scene, look),
        covers=covers,
        remarks=tuple(remarks),
    )
