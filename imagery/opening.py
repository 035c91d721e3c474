"""A picture from wherever it is named: a local file, an address, a data: URI, a STAC item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from imagery.limits import Limits
from imagery.reading import PLAIN, Reading
from imagery.reference import Loaded, load

if TYPE_CHECKING:
    from imagery.facts import RasterFacts
    from imagery.picture import Picture

Run = Callable[..., Awaitable[Any]]
_RASTER_ENDS = (".tif", ".tiff", ".gtif", ".gtiff", ".jp2", ".j2k")


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture's file, and how it is to be read.

    Attributes:
        data: its bytes; or, for a large local raster, where it is.
        source: as in an ImageRef.
    """

    data: bytes | Path
    source: str
    reading: Reading


async def open_reference(
    reference: str, limits: Limits, reading: Reading = PLAIN, *, files: bool = False
) -> Opened:
    """The file behind a reference.

    A local raster larger than `limits.max_bytes` is not read but opened in place later.

    Raises:
        ImageryError: there is none, or it may not be read.
    """
    path = await anyio.to_thread.run_sync(_large_raster, reference, limits) if files else None
    if path:
        return Opened(path, f"file:{path.name}", _named(reading, path.name))
    loaded = await load(reference, limits, files=files)
    return Opened(loaded.data, loaded.source, _described(reading, loaded))


async def open_picture(
    reference: str,
    limits: Limits,
    reading: Reading = PLAIN,
    *,
    files: bool = True,
    run: Run = anyio.to_thread.run_sync,
) -> Picture:
    """The picture behind a reference.

    Args:
        reference: names it.
        limits: on it.
        reading: what a person says of it.
        files: whether paths of this machine are read.
        run: how it is decoded beside the event loop; `DecodePool.run` can end what takes too long.

    Raises:
        ImageryError: there is none.
    """
    opened = await open_reference(reference, limits, reading, files=files)
    picture: Picture = await run(_decoded, opened, limits)
    return picture


async def open_facts(
    reference: str,
    limits: Limits,
    reading: Reading = PLAIN,
    *,
    files: bool = True,
    run: Run = anyio.to_thread.run_sync,
) -> RasterFacts:
    """The facts of a raster alone, also of one without any data, which has no picture.

    The arguments are those of `open_picture`.

    Raises:
        ImageryError: there is no raster.
    """
    opened = await open_reference(reference, limits, reading, files=files)
    facts: RasterFacts = await run(_facts, opened, limits)
    return facts


def _facts(opened: Opened, limits: Limits) -> RasterFacts:
    from imagery.raster import read_facts  # noqa: PLC0415 - GDAL only for rasters

    reading = opened.reading
    return read_facts(
        opened.data,
        limits,
        band_roles=reading.band_roles,
        eo_bands=reading.eo_bands or None,
        name=reading.name,
    )


def _decoded(opened: Opened, limits: Limits) -> Picture:
    from imagery.decode import decode, decode_raster  # noqa: PLC0415 - Pillow when needed

    if isinstance(opened.data, Path):
        return decode_raster(opened.data, limits, opened.reading)
    return decode(opened.data, limits, limits.max_pixels, opened.reading)


def _large_raster(reference: str, limits: Limits) -> Path | None:
    path = Path(reference)
    if path.suffix.lower() not in _RASTER_ENDS or not path.is_file():
        return None
    return path if path.stat().st_size > limits.max_bytes else None


def _described(reading: Reading, loaded: Loaded) -> Reading:
    extras = loaded.extras
    if extras.eo_bands and not reading.eo_bands:
        reading = replace(reading, eo_bands=tuple(dict(band) for band in extras.eo_bands))
    told = {"cloud_percent": extras.cloud_percent, "snow_percent": extras.snow_percent}
    reading = replace(reading, told={k: v for k, v in told.items() if v is not None})
    if extras.notes:
        reading = replace(reading, notes=(*extras.notes, *reading.notes))
    return _named(reading, loaded.source.rsplit("/", 1)[-1])


def _named(reading: Reading, name: str) -> Reading:
    return reading if reading.name else replace(reading, name=name)
