"""What `swath doctor` looks at. Nothing here asks a model or starts one."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import platform
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from app import __version__
from app.errors import DatabaseTrouble
from app.health import health_of
from app.services.connect import connected
from app.services.threads import open_threads
from app.services.vision import Service
from app.settings import Settings
from imagery.store import open_store

State = Literal["ok", "warning", "broken"]
LEAST_FREE_BYTES = 1024**3
PACKAGES = ("langgraph", "langchain-core", "fastapi", "httpx", "pillow", "rasterio")
SERVICES: tuple[Service, ...] = ("vqa", "captioning")
INHERITED = ("LANGCHAIN_API_KEY", "LANGSMITH_API_KEY")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `fix` is what to do, in a line."""

    name: str
    state: State
    message: str
    fix: str = ""


def settings_check(error: ValidationError) -> list[Check]:
    """The settings that cannot be, one check each."""
    return [
        Check(
            "settings",
            "broken",
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg']}",
            "See .env.example for every setting and its default.",
        )
        for fault in error.errors()
    ]


async def checks_of(settings: Settings) -> list[Check]:
    """All checks of settings that can be."""
    return [
        Check("versions", "ok", _versions()),
        Check("settings", "ok", "every setting can be read"),
        _access(settings),
        *_folder(settings),
        *_secrets(settings),
        *await _parts(settings),
    ]


def _versions() -> str:
    found = [f"swath {__version__}", f"Python {platform.python_version()}", sys.platform]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    return ", ".join(found)


def _access(settings: Settings) -> Check:
    names = {key.get_secret_value().partition("=")[0] for key in settings.api_keys}
    if names:
        return Check("access", "ok", f"keys of {', '.join(sorted(names))}")
    try:
        local = settings.host == "localhost" or ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        local = False
    if local:
        return Check("access", "ok", f"no keys; `swath serve` listens on {settings.host} alone")
    return Check(
        "access",
        "broken",
        f"SWATH_HOST is {settings.host}, and there are no access keys",
        "Make one:  swath keys new NAME",
    )


def _folder(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        fix = "Set SWATH_DATA_DIR to a folder that this user may write."
        yield Check("data", "broken", f"{folder} cannot be written: {reason}", fix)
        return
    yield _rights(folder)
    free = shutil.disk_usage(folder).free
    state: State = "ok" if free >= LEAST_FREE_BYTES else "warning"
    fix = "" if state == "ok" else "Make room:  swath images gc;  swath threads prune"
    yield Check("disk", state, f"{free / 1e9:.1f} GB free in {folder}", fix)


def _rights(folder: Path) -> Check:
    if os.name == "posix" and folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check("data", "warning", f"{folder} is open to others", f"chmod 700 {folder}")
    return Check("data", "ok", f"{folder} is this user's alone")


def _secrets(settings: Settings) -> Iterator[Check]:
    env = Path(".env")
    if os.name == "posix" and env.exists() and env.stat().st_mode & stat.S_IROTH:
        yield Check("secrets", "warning", ".env can be read by everybody", "chmod 600 .env")
    keys = [name for name in INHERITED if name in os.environ]  # noqa: TID251 - names only
    if settings.langsmith_tracing != "off":
        state: State = "ok" if keys else "warning"
        fix = "" if keys else "Set LANGSMITH_API_KEY, or SWATH_LANGSMITH_TRACING=off."
        yield Check("tracing", state, f"to LangSmith: {settings.langsmith_tracing}", fix)
    else:
        yield Check("tracing", "ok", "nothing is traced to LangSmith")


async def _parts(settings: Settings) -> list[Check]:
    """Services, database and image store, asked as /readyz asks them."""
    try:
        images = open_store(settings.image_place, settings.image_limits)
        async with open_threads(settings.threads_place) as threads, connected(settings) as vision:
            async with asyncio.timeout(30):
                parts = await health_of(vision, threads, images)
    except DatabaseTrouble as error:
        return [*await _services(settings), Check("database", "broken", str(error), error.hint)]
    except (OSError, ValueError, ImportError) as error:
        return [Check("images", "broken", str(error), "Check SWATH_IMAGE_STORE.")]
    return [_part(name, part, settings) for name, part in parts.items()]


async def _services(settings: Settings) -> list[Check]:
    async with connected(settings) as vision:
        return [_part(name, await vision.health(name), settings) for name in SERVICES]


def _part(name: str, part: dict[str, Any], settings: Settings) -> Check:
    where = {"vqa": settings.vqa_base_url, "captioning": settings.caption_base_url}
    place = where.get(name) or ("embedded engine measure" if name in where else "")
    said = ", ".join(each for each in (part["state"], place, part.get("detail", "")) if each)
    if part["state"] != "down":
        return Check(name, "ok", said)
    variable = {"vqa": "VQA_BASE_URL", "captioning": "CAPTION_BASE_URL"}.get(name)
    fix = f"Start it, or correct {variable}." if variable else "Check the data folder and its disk."
    return Check(name, "broken", said, fix)
