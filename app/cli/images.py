"""swath images: what is kept, and making room."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import typer

from app.cli.trouble import BAD_USE, read_settings, stop, told_plainly
from app.cli.words import say, say_json
from app.services.threads import images_in_use, open_threads
from app.settings import Settings
from imagery import ImageNotFound
from imagery.store import ImageStore, Stored, open_store

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def listed(*, as_json: bool) -> None:
    """Prints every kept picture, the last one last."""
    with told_plainly():
        kept = (stored for store in _stores(read_settings()) for stored in store.list())
        found = sorted(kept, key=lambda stored: stored.stored_at)
    if as_json:
        say_json([_as_json(stored) for stored in found])
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


def removed(image_ids: Sequence[str], *, as_json: bool) -> None:
    """Removes pictures by their ids; the first twelve characters of one will do."""
    stores, removed = _stores(read_settings()), []
    for image_id in image_ids:
        with told_plainly(image_id):
            whole = _whole(stores, image_id)
            removed.append(whole)
            gone = [_removed(store, whole) for store in stores]
            if not any(gone):
                stores[0].remove(whole)  # says that there is none
            typer.echo(f"swath: removed {image_id}", err=True)
    if as_json:
        say_json({"images": removed})


def collected(older_than: str, *, as_json: bool) -> None:
    """Removes what was not used for a while and belongs to no thread."""
    age_s = seconds(older_than)
    settings = read_settings()
    with told_plainly():
        keep = asyncio.run(_in_use(settings))
        freed = [store.collect(age_s, keep) for store in _stores(settings)]
    pictures, size = sum(each.pictures for each in freed), sum(each.bytes for each in freed)
    if as_json:
        say_json({"images": pictures, "bytes": size})
    else:
        say(f"{pictures} images removed, {_megabytes(size)} freed")


def _stores(settings: Settings) -> list[ImageStore]:
    """The pictures that belong to no key, and those of every owner."""
    try:
        store = open_store(settings.image_place, settings.image_limits)
        return [store, *map(store.within, store.owners())]
    except (ValueError, ImportError) as error:
        stop(f"SWATH_IMAGE_STORE cannot be opened: {error}", code=BAD_USE)


async def _in_use(settings: Settings) -> set[str]:
    async with open_threads(settings.threads_place) as threads:
        return await images_in_use(threads)


def _removed(store: ImageStore, image_id: str) -> bool:
    try:
        store.remove(image_id)
    except ImageNotFound:
        return False
    return True


def _whole(stores: Sequence[ImageStore], image_id: str) -> str:
    """The id that a beginning of one stands for."""
    start = image_id.removeprefix("sha256:")
    if re.fullmatch(r"[0-9a-f]{8,63}", start) is None:
        return image_id
    every = {stored.ref.sha256 for store in stores for stored in store.list()}
    found = [sha256 for sha256 in every if sha256.startswith(start)]
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
