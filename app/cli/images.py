"""swath images: what is kept, and making room."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import typer

from app.cli.trouble import BAD_USE, read_settings, stop, told_plainly
from app.cli.words import say
from app.services.threads import images_in_use, open_threads
from app.settings import Settings
from imagery.store import ImageStore, Stored, open_store

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def listed(*, as_json: bool) -> None:
    """Prints every kept picture, the last one last."""
    with told_plainly():
        found = sorted(_store(read_settings()).list(), key=lambda stored: stored.stored_at)
    if as_json:
        typer.echo(json.dumps([_as_json(stored) for stored in found], indent=2))
        return
    for stored in found:
        ref = stored.ref
        size = f"{ref.width_px} x {ref.height_px}"
        say(
            f"{ref.sha256[:12]}  {_day(stored)}  {_megabytes(stored.bytes_on_disk):>9}"
            f"  {size:>13}  {ref.mime:<10}  {ref.source}"
        )
    total = _megabytes(sum(stored.bytes_on_disk for stored in found))
    typer.echo(f"{len(found)} images, {total}", err=True)


def removed(image_ids: Sequence[str]) -> None:
    """Removes pictures by their ids; the first twelve characters of one will do."""
    with told_plainly():
        store = _store(read_settings())
        for image_id in image_ids:
            store.remove(_whole(store, image_id))
            typer.echo(f"swath: removed {image_id}", err=True)


def collected(older_than: str, *, as_json: bool) -> None:
    """Removes what was not used for a while and belongs to no thread."""
    age_s = seconds(older_than)
    settings = read_settings()
    with told_plainly():
        keep = asyncio.run(_in_use(settings))
        freed = _store(settings).collect(age_s, keep)
    if as_json:
        typer.echo(json.dumps({"images": freed.pictures, "bytes": freed.bytes}))
    else:
        say(f"{freed.pictures} images removed, {_megabytes(freed.bytes)} freed")


def _store(settings: Settings) -> ImageStore:
    try:
        return open_store(settings.image_place, settings.image_limits)
    except (ValueError, ImportError) as error:
        stop(f"SWATH_IMAGE_STORE cannot be opened: {error}", code=BAD_USE)


async def _in_use(settings: Settings) -> set[str]:
    async with open_threads(settings.threads_place) as threads:
        return await images_in_use(threads)


def _whole(store: ImageStore, image_id: str) -> str:
    """The id that a beginning of one stands for."""
    start = image_id.removeprefix("sha256:")
    if re.fullmatch(r"[0-9a-f]{8,63}", start) is None:
        return image_id
    found = [stored.ref.sha256 for stored in store.list() if stored.ref.sha256.startswith(start)]
    if len(found) > 1:
        stop(f"{image_id} stands for {len(found)} images", "Give more of the id.", BAD_USE)
    return found[0] if found else image_id


def seconds(age: str) -> float:
    """The seconds of an age such as 12h, 30d or 8w."""
    match = re.fullmatch(r"(\d+)([smhdw])", age)
    if match is None:
        stop(f"{age!r} is no age", "Write 12h, 30d or 8w.", BAD_USE)
    return int(match[1]) * SECONDS[match[2]]


def _as_json(stored: Stored) -> dict[str, object]:
    return {
        "id": stored.ref.url,
        "stored_at": datetime.fromtimestamp(stored.stored_at, UTC).isoformat(timespec="seconds"),
        "bytes_on_disk": stored.bytes_on_disk,
        "image": stored.ref.model_dump(mode="json"),
    }


def _day(stored: Stored) -> str:
    return datetime.fromtimestamp(stored.stored_at, UTC).strftime("%Y-%m-%d %H:%M")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
