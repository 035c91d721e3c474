"""swath inspect: what a file is, and the picture that a model would see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from app.cli.reading import Said, reading_of
from app.cli.trouble import FAILURE, read_settings, stop, told_plainly
from app.settings import Settings
from imagery import ImageryError, Picture
from imagery.encode import encode
from imagery.facts import RasterFacts
from imagery.opening import open_picture
from imagery.reading import Reading


@dataclass(frozen=True)
class Inspected:
    """A file, and its picture or what was wrong with it."""

    name: str
    picture: Picture | None = None
    error: ImageryError | None = None


def run(
    files: Sequence[str],
    said: Said,
    *,
    preview: Path | None,
    sheet: Path | None,
    as_json: bool,
) -> None:
    """Prints the facts of every file; exits 1 when one cannot be used."""
    if preview and len(files) > 1:
        stop("--preview is of one file; for several use --sheet", code=2)
    settings = read_settings()
    with told_plainly():
        found = asyncio.run(_inspect(settings, files, reading_of(said)))
        if preview and found[0].picture:
            _write(preview, encode(found[0].picture.rgb, settings.image_limits.max_pixels)[0])
        if sheet:
            _write(sheet, _sheet(found))
    _report(found, as_json=as_json)


async def _inspect(settings: Settings, files: Sequence[str], reading: Reading) -> list[Inspected]:
    found = []
    for file in files:
        try:
            picture = await open_picture(file, settings.image_limits, reading)
            found.append(Inspected(file, picture))
        except ImageryError as error:
            found.append(Inspected(file, error=error))
    return found


def _report(found: Sequence[Inspected], *, as_json: bool) -> None:
    good = [facts_as_json(one.name, one.picture) for one in found if one.picture]
    if as_json and good:
        typer.echo(json.dumps(good if len(found) > 1 else good[0], indent=2, ensure_ascii=False))
    for one in found:
        if one.picture and not as_json:
            typer.echo("\n".join(facts_as_lines(one.name, one.picture)))
        elif one.error:
            named = one.name if one.name not in str(one.error) else ""
            typer.secho(f"swath: {named}{': ' if named else ''}{one.error}", err=True)
            if one.error.hint:
                typer.echo(f"       {one.error.hint}", err=True)
    if any(one.error for one in found):
        raise typer.Exit(FAILURE)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    typer.echo(f"swath: wrote {path}", err=True)


def _sheet(found: Sequence[Inspected]) -> bytes:
    from imagery.sheet import Cell, contact_sheet  # noqa: PLC0415 - fonts only when drawn

    cells = [Cell(Path(one.name).name, _one_line(one), one.picture) for one in found]
    return contact_sheet(cells)


def _one_line(one: Inspected) -> str:
    if one.picture is None:
        return str(one.error)
    facts = one.picture.facts
    size = f"{one.picture.scene_width_px} x {one.picture.scene_height_px} px"
    if facts is None:
        return size
    parts = [size, facts.kind, facts.crs or "no CRS", _ground(facts)]
    return " · ".join(part for part in parts if part)


def facts_as_json(name: str, picture: Picture) -> dict[str, Any]:
    """The facts of a file, with the picture's notes among its warnings."""
    facts = facts_of(picture)
    body = facts.model_dump(mode="json")
    body["bands"] = [band.model_dump(mode="json") for band in facts.bands]
    body["warnings"] = [*facts.warnings, *(n for n in picture.notes if n not in facts.warnings)]
    if facts.ndvi_mean is None:
        del body["ndvi_mean"]
    if facts.ndwi_mean is None:
        del body["ndwi_mean"]
    return {"file": name, "mime": picture.mime, **body}


def facts_of(picture: Picture) -> RasterFacts:
    """A raster's facts, or those of a plain photo."""
    from imagery.facts import facts_of_photo  # noqa: PLC0415

    return picture.facts or facts_of_photo(picture.scene_width_px, picture.scene_height_px, "RGB")


def facts_as_lines(name: str, picture: Picture) -> list[str]:
    """The facts for people."""
    facts = facts_of(picture)
    bands = " · ".join(
        _band(band.index, band.name, band.role, band.role_known) for band in facts.bands
    )
    lines = [
        name,
        f"  {facts.width_px} x {facts.height_px} px · {picture.mime} · {facts.kind}, {facts.dtype}",
        f"  bands   {bands}",
    ]
    if facts.kind != "photo":
        place = [facts.crs or "none stated", _ground(facts)]
        lines.append(f"  crs     {' · '.join(part for part in place if part)}")
        lines.append(f"  nodata  {facts.nodata_share:.1%}")
    if facts.acquired:
        lines.append(f"  taken   {facts.acquired}")
    if facts.ndvi_mean is not None:
        ndwi = "" if facts.ndwi_mean is None else f" · NDWI {facts.ndwi_mean:.3f}"
        lines.append(f"  indices NDVI {facts.ndvi_mean:.3f}{ndwi} (means)")
    notes = [*facts.warnings, *(n for n in picture.notes if n not in facts.warnings)]
    return [*lines, *(f"  note    {note}" for note in notes)]


def _band(index: int, name: str, role: str | None, known: bool) -> str:
    sure = "" if known or role is None else "?"
    shown = role if role and role != name else ""
    return f"{index} {name}{f' ({shown}{sure})' if shown else sure}"


def _ground(facts: RasterFacts) -> str:
    metres = facts.ground_sample_distance_m
    if metres is None:
        return ""
    return f"{metres:,.0f} m per pixel" if metres >= 100 else f"{metres:.3g} m per pixel"  # noqa: PLR2004
