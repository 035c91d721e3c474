"""An open raster with what its header says: bands, place, masks; and its values at any size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.transform import from_gcps
from rasterio.windows import Window as RasterioWindow

from imagery.bands import BandPlan, Evidence, plan_bands
from imagery.decode import check_size
from imagery.errors import ImageTooLarge
from imagery.gdal import structure_of
from imagery.georeference import Georeference
from imagery.layouts import mission_in
from imagery.windows import PixelWindow, whole

if TYPE_CHECKING:
    from rasterio.io import DatasetReader
from imagery.limits import Limits

Shape = tuple[int, int]  # rows, columns
# What GDAL may have to decode for one picture, over `max_pixels`: a scene of Sentinel-2 without
# overviews is 2.4 times, and takes a second.
DECODED_OVER_MAX = 20
BLOCK_BYTES_OVER_MAX = 4
AVERAGED_OVER_SHOWN = 16  # averaging reads every pixel, so only where that is not many more
_SOLID_ALPHA = 0.5  # of pixels fully clear or opaque: a mask's are, a near-infrared band's are not
_GLANCE_PX = 256
_CHUNK_BYTES = 32_000_000  # half of GDAL's cache


@dataclass(frozen=True)
class Scene:
    """A raster that is open.

    Attributes:
        place: None where the file does not say.
        by_points: how many ground control points `place` is estimated from; 0: stated.
        alpha: the band of transparency, counted from 1, or None.
        remarks: for people, on what its header says.
    """

    dataset: DatasetReader
    mime: str
    plan: BandPlan
    place: Georeference | None
    by_points: int
    alpha: int | None
    remarks: tuple[str, ...]

    @property
    def whole(self) -> PixelWindow:
        """All of it."""
        return whole(self.dataset.width, self.dataset.height)

    @property
    def interleaved(self) -> bool:
        """Whether each block holds all bands, as those of a JPEG 2000 do."""
        return structure_of(self.dataset).get("INTERLEAVE", "PIXEL") == "PIXEL"

    def read(self, bands: Sequence[int], window: PixelWindow, shape: Shape) -> NDArray[Any]:
        """Values of shape (bands, rows, columns), through the overviews where there are some."""
        resampling = self._resampling(bands, window, shape)
        dtype = np.result_type(*(_numpy(self.dataset.dtypes[band - 1]) for band in bands))
        values = np.empty((len(bands), *shape), dtype)
        for rows, columns in self._chunks(len(bands), window, shape):
            chunk = RasterioWindow.from_slices(
                *(
                    (start + piece.start * side / out, start + piece.stop * side / out)
                    for piece, start, side, out in (
                        (rows, window.row_off, window.height, shape[0]),
                        (columns, window.col_off, window.width, shape[1]),
                    )
                )
            )
            values[:, rows, columns] = self.dataset.read(
                list(bands),
                window=chunk,
                out_shape=(len(bands), rows.stop - rows.start, columns.stop - columns.start),
                resampling=resampling,
            )
        return values

    def opacity(self, values: NDArray[Any], bands: Sequence[int], window: PixelWindow) -> Any:
        """0 to 255 for each pixel of `values`: alpha, the file's mask, or its nodata value."""
        shape = values.shape[1:]
        spec = {"window": RasterioWindow(*window), "out_shape": shape}
        if self.alpha is not None:
            alpha = self.dataset.read(self.alpha, **spec)
            return alpha if alpha.dtype == np.uint8 else _opaque(alpha > 0)
        flags = self.dataset.mask_flag_enums[bands[0] - 1]
        if MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags:
            return self.dataset.read_masks(1, **spec)
        marks = [self.dataset.nodatavals[band - 1] for band in bands]
        # A pixel has data where any band has: black is not a hole in one of three colours.
        held = [has_data(band, mark) for band, mark in zip(values, marks, strict=True)]
        return _opaque(np.any(held, axis=0))

    def marks_nodata(self) -> bool:
        """Whether the file itself says which pixels hold no data."""
        flags = self.dataset.mask_flag_enums[self.plan.shown[0] - 1]
        return self.alpha is not None or MaskFlags.all_valid not in flags

    def level_px(self, window: PixelWindow, shape: Shape) -> int:
        """Pixels that GDAL decodes for a window at a size: of the overview that it takes."""
        shrink = max(1.0, min(window.width / shape[1], window.height / shape[0]) * 1.2)
        factor: int = max([1, *(f for f in self.dataset.overviews(1) if f <= shrink)])
        return math.ceil(window.width / factor) * math.ceil(window.height / factor)

    def check_cost(self, window: PixelWindow, shape: Shape, limits: Limits) -> None:
        """Refuse what would take too much memory or time, before it is read.

        Raises:
            ImageTooLarge: too many pixels without overviews, or too large blocks.
        """
        whole_blocks = self.dataset.driver == "GTiff"
        most = limits.max_pixels * (DECODED_OVER_MAX if whole_blocks else 1)
        if self.level_px(window, shape) > most:
            raise ImageTooLarge(
                f"the scene has {window.width:,} × {window.height:,} pixels and no smaller copy",
                hint="add overviews: gdaladdo scene.tif 2 4 8 16, or ask for a window of it",
            )
        item = max(np.dtype(_numpy(name)).itemsize for name in self.dataset.dtypes)
        block = max(height * width for height, width in self.dataset.block_shapes)
        size = block * item * (self.dataset.count if self.interleaved else 1)
        if whole_blocks and size > BLOCK_BYTES_OVER_MAX * limits.max_pixels:
            raise ImageTooLarge(
                "the blocks of the TIFF are too large", hint="write it again, tiled"
            )

    def _chunks(
        self, bands: int, window: PixelWindow, shape: Shape
    ) -> Iterator[tuple[slice, slice]]:
        """Rows and columns to read at once.

        GDAL goes through the bands one after the other. Where blocks hold all bands and are more
        than its cache, it would decode each of them once for each band.
        """
        overviews = self.level_px(window, shape) < window.width * window.height
        if bands == 1 or overviews or not self.interleaved:
            yield slice(0, shape[0]), slice(0, shape[1])
            return
        height, width = self.dataset.block_shapes[0]
        item = np.dtype(_numpy(self.dataset.dtypes[0])).itemsize
        blocks = max(1, _CHUNK_BYTES // (height * width * item * self.dataset.count))
        across = min(blocks, -(-window.width // width))
        columns = blocks_in(window.col_off, window.width, shape[1], width * across)
        for rows in blocks_in(
            window.row_off, window.height, shape[0], height * max(1, blocks // across)
        ):
            yield from ((rows, piece) for piece in columns)

    def _resampling(self, bands: Sequence[int], window: PixelWindow, shape: Shape) -> Resampling:
        """Averages where colours are made smaller; never classes, masks or complex phases."""
        one = len(self.plan.shown) == 1
        much = self.level_px(window, shape) > AVERAGED_OVER_SHOWN * shape[0] * shape[1]
        odd = any(self.dataset.dtypes[band - 1].startswith("complex") for band in bands)
        return Resampling.nearest if one or much or odd else Resampling.average


def blocks_in(start: int, length: int, out: int, block: int) -> list[slice]:
    """Slices of `out` samples, spread over a length from a start, by the block they fall in."""
    centres = start + (np.arange(out) + 0.5) * length / out
    ends = [0, *(np.flatnonzero(np.diff(centres // block)) + 1).tolist(), out]
    return [slice(a, b) for a, b in pairwise(ends)]


def has_data(values: NDArray[Any], mark: float | None) -> NDArray[np.bool_]:
    """Where values are not the one that marks no data, and finite."""
    if mark is None:
        held = np.ones(values.shape, bool)
    else:
        held = values != np.asarray(mark).astype(values.dtype, copy=False)
    return held & np.isfinite(values) if np.issubdtype(values.dtype, np.inexact) else held


def _opaque(held: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return held.view(np.uint8) * np.uint8(255)


def scene_of(
    dataset: DatasetReader,
    mime: str,
    limits: Limits,
    *,
    band_roles: str | Mapping[str, int] | None = None,
    eo_bands: Sequence[Mapping[str, str]] | None = None,
    name: str = "",
) -> Scene:
    """What a dataset's header says; no pixel is read but a glance at an alpha band in doubt.

    Raises:
        ImageryError: a size that no picture has, or roles that do not fit the bands.
    """
    check_size(dataset.width, dataset.height, replace(limits, max_pixels=2**62))
    place, points = _place(dataset)
    colours = tuple(ColorInterp(c).name for c in dataset.colorinterp)
    remarks = []
    if _alpha_in_doubt(colours, place) and not _is_mask(dataset, colours.index("alpha") + 1):
        colours = tuple("undefined" if colour == "alpha" else colour for colour in colours)
        remarks.append("the band marked as alpha has the values of a picture: taken for a band")
    evidence = Evidence(
        names=dataset.descriptions,
        colours=colours,
        dtypes=dataset.dtypes,
        tags={key: value[:200] for key, value in dataset.tags().items()},
        ground_m=place.ground_sample_distance_m if place else None,
        file_name=name,
    )
    plan = plan_bands(evidence, stated=band_roles, eo_bands=eo_bands)
    unnamed = plan_bands(replace(evidence, file_name=""), stated=band_roles, eo_bands=eo_bands)
    if plan.bands != unnamed.bands:
        remarks.append(f"the file's name says what its bands are: {mission_in(name)}")
    alpha = next((band.index for band in plan.bands if band.role == "alpha"), None)
    return Scene(dataset, mime, plan, place, points, alpha, tuple(remarks))


def _place(dataset: DatasetReader) -> tuple[Georeference | None, int]:
    size = dataset.width, dataset.height
    if dataset.crs and not dataset.transform.is_identity and dataset.transform.determinant:
        return Georeference(dataset.crs, dataset.transform, *size), 0
    points, crs = dataset.gcps
    if crs and len(points) > 2:  # noqa: PLR2004 - an affine transform has three corners
        transform = from_gcps(points)
        if transform.determinant:
            return Georeference(crs, transform, *size), len(points)
    return None, 0


def _alpha_in_doubt(colours: tuple[str, ...], place: Georeference | None) -> bool:
    """Whether a fourth band may be near-infrared: GDAL marks it as alpha if nobody says so."""
    return place is not None and len(colours) == 4 and colours[3] == "alpha"  # noqa: PLR2004


def _is_mask(dataset: DatasetReader, band: int) -> bool:
    shape = min(_GLANCE_PX, dataset.height), min(_GLANCE_PX, dataset.width)
    alpha = dataset.read(band, out_shape=shape)
    top = 255 if alpha.dtype == np.uint8 else alpha.max()
    return float(np.mean((alpha == 0) | (alpha == top))) >= _SOLID_ALPHA


def _numpy(dtype: str) -> str:
    """GDAL's complex integers have no type in numpy, and are read as complex64."""
    return "complex64" if dtype == "complex_int16" else dtype
