"""swath inspect: what a file is, and the picture that a model would see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from app.cli.patience import for_one_person
from app.cli.reading import Said, reading_of
from app.cli.trouble import BAD_USE, FAILURE, complain, read_settings, stop, told_plainly
from app.cli.words import metres_per_pixel, say, say_json
from imagery import EmptyImage, ImageryError, Limits, Picture
from imagery.encode import encode
from imagery.facts import Band, RasterFacts, facts_of_photo
from imagery.opening import open_facts, open_picture
from imagery.pool import DecodePool
from imagery.reading import Reading


@dataclass(frozen=True)
class Inspected:
    """A file: its facts and its picture, or what is wrong with it; an empty raster has facts."""

    name: str
    facts: RasterFacts | None = None
    picture: Picture | None = None
    error: ImageryError | None = None

    @property
    def warnings(self) -> list[str]:
        """The facts' warnings and the picture's notes, each once; what is wrong last."""
        said = [
            *(self.facts.warnings if self.facts else ()),
            *(self.picture.notes if self.picture else ()),
            *([str(self.error)] if self.error else []),
        ]
        return list(dict.fromkeys(said))


def run(
    files: Sequence[str], said: Said, *, preview: Path | None, sheet: Path | None, as_json: bool
) -> None:
    """Prints the facts of every file; exits 1 when one has none, or no picture where one is due."""
    if preview and len(files) > 1:
        stop("--preview is of one file; for several use --sheet", code=BAD_USE)
    limits = for_one_person(read_settings()).image_limits
    with told_plainly():
        found = asyncio.run(_inspect(files, limits, reading_of(said)))
        _print(found, as_json=as_json)
        if preview and found[0].picture:
            _write(preview, encode(found[0].picture.rgb, limits.max_pixels)[0])
        if sheet:
            _write(sheet, _sheet(found))
    missing = [one for one in found if one.facts is None or (preview and one.picture is None)]
    for one in missing:
        _complain(one)
    if missing:
        raise typer.Exit(FAILURE)


async def _inspect(files: Sequence[str], limits: Limits, reading: Reading) -> list[Inspected]:
    async with DecodePool(limits, workers=1) as pool:
        return [await _inspected(file, pool, reading) for file in files]


async def _inspected(file: str, pool: DecodePool, reading: Reading) -> Inspected:
    try:
        picture = await open_picture(file, pool.limits, reading, run=pool.run)
    except EmptyImage as error:
        try:
            facts = await open_facts(file, pool.limits, reading, run=pool.run)
            return Inspected(file, facts, error=error)
        except ImageryError:
            return Inspected(file, error=error)
    except ImageryError as error:
        return Inspected(file, error=error)
    size = (picture.scene_width_px, picture.scene_height_px)
    return Inspected(file, picture.facts or facts_of_photo(*size, "RGB"), picture)


def _print(found: Sequence[Inspected], *, as_json: bool) -> None:
    known = [one for one in found if one.facts]
    if as_json and known:
        bodies = [facts_as_json(one) for one in known]
        body = bodies if len(found) > 1 else bodies[0]
        say_json(body)
    elif not as_json:
        for one in known:
            say("\n".join(facts_as_lines(one)))


def _complain(one: Inspected) -> None:
    named = "" if one.name in str(one.error) else f"{one.name}: "
    complain(f"{named}{one.error}", one.error.hint if one.error else "")


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    typer.echo(f"swath: wrote {path}", err=True)


def _sheet(found: Sequence[Inspected]) -> bytes:
    from imagery.sheet import Cell, contact_sheet  # noqa: PLC0415 - fonts only when drawn

    return contact_sheet([Cell(Path(one.name).name, _one_line(one), one.picture) for one in found])


def _one_line(one: Inspected) -> str:
    facts = one.facts
    if facts is None or one.picture is None:
        return str(one.error)
    size = f"{facts.width_px} x {facts.height_px} px"
    place = [facts.crs or "no CRS", _ground(facts)] if facts.kind != "photo" else []
    return " · ".join(part for part in (size, facts.kind, *place) if part)


def facts_as_json(one: Inspected) -> dict[str, Any]:
    """The facts of a file, indices only where they are known, and all that is to be said of it."""
    facts = one.facts or facts_of_photo(1, 1, "RGB")
    unknown = {name for name in ("ndvi_mean", "ndwi_mean") if getattr(facts, name) is None}
    body = facts.model_dump(mode="json", exclude=unknown)
    mime = one.picture.mime if one.picture else None
    return {"file": one.name, "mime": mime, **body, "warnings": one.warnings}


def facts_as_lines(one: Inspected) -> list[str]:
    """The facts for people."""
    if one.facts is None:
        return []
    return lines_of(one.name, one.facts, one.picture.mime if one.picture else "", one.warnings)


def lines_of(name: str, facts: RasterFacts, mime: str, warnings: Sequence[str]) -> list[str]:
    """Facts of a file of that name and media type, for people."""
    kind = f"{mime} · {facts.kind}" if mime else facts.kind
    lines = [
        name,
        f"  {facts.width_px} x {facts.height_px} px · {kind}, {facts.dtype}",
        f"  bands   {' · '.join(_band(band) for band in facts.bands)}",
    ]
    if facts.kind != "photo":
        place = [facts.crs or "none stated", _ground(facts)]
        lines.append(f"  crs     {' · '.join(part for part in place if part)}")
        lines.append(f"  nodata  {facts.nodata_share:.1%}")
    if facts.acquired:
        lines.append(f"  taken   {facts.acquired}")
    if facts.ndvi_mean is not None:
        ndwi = "" if facts.ndwi_mean is None else f" · NDWI {facts.ndwi_mean:.3f}"
        lines.append(f"  indices NDVI {facts.ndvi_mean:.3f}{ndwi} (means of raw values)")
    return [*lines, *(f"  note    {warning}" for warning in warnings)]


def _band(band: Band) -> str:
    role = band.role if band.role and band.role != band.name else ""
    sure = "" if band.role_known or not band.role else "?"
    return f"{band.index} {band.name}{f' ({role}{sure})' if role else sure}"


def _ground(facts: RasterFacts) -> str:
    metres = facts.ground_sample_distance_m
    return "" if metres is None else metres_per_pixel(metres)
