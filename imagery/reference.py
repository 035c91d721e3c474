"""Bytes of whatever a person wrote to name a picture: a data: URI, an https URL, a path.

A URL or a path may also lead to a STAC Item; one of the files it names is then the picture.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urljoin

import anyio.to_thread

from imagery.addresses import shown
from imagery.dialling import Resolver, system_resolver
from imagery.errors import BadReference, ImageTooLarge
from imagery.fetch import Fetched, fetch
from imagery.stac import Choice, Extras, choices_in, looks_like_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpcore

    from imagery.limits import Limits

    Get = Callable[[str], Awaitable[Fetched]]

# Two letters at least: one is a drive. GDAL's /vsi… paths reach into archives and other hosts.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_VSI = re.compile(r"/+vsi[a-z0-9_]*/", re.IGNORECASE)
_WHITESPACE = b" \t\r\n\f"
_ASSET_SCHEMES = ("", "https", "http", "data")
QUICK_URI = 300_000  # characters
_WAYS = "give an https URL, a data: URI or an image id"
_WAYS_FILES = "give a path, an https URL or a data: URI"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Bytes, and where they came from in words that may be stored and shown.

    Attributes:
        extras: what a STAC Item said of the file, where one led to it.
    """

    data: bytes
    source: str
    extras: Extras = field(default_factory=Extras)


async def load(
    reference: str,
    limits: Limits,
    *,
    files: bool = False,
    resolve: Resolver = system_resolver,
    backend: httpcore.AsyncNetworkBackend | None = None,
) -> Loaded:
    """The bytes a reference names, not yet looked at; ImageryError says why there are none.

    Args:
        reference: a data: URI, an https URL or, with `files`, a path.
        limits: on size and time; of each fetch, where a STAC Item makes it two or three.
        files: whether paths of this machine are read. Never for references that came by network.
        resolve: as `imagery.fetch.fetch`.
        backend: as `imagery.fetch.fetch`.
    """
    text = reference.strip()
    if not text:
        raise BadReference("the image reference is empty", hint=_WAYS)
    scheme = _scheme(text)
    if scheme == "data":
        if len(text) <= QUICK_URI:  # half a millisecond; a thread would cost as much
            return Loaded(from_data_uri(text, limits), "data:")
        return Loaded(await anyio.to_thread.run_sync(from_data_uri, text, limits), "data:")
    get = partial(fetch, limits=limits, resolve=resolve, backend=backend)
    if scheme in ("https", "http"):
        fetched = await get(text)
        found = Loaded(fetched.data, shown(text))
        home: str | Path = fetched.url
    else:
        home = _path(text, scheme, files=files)
        found = await anyio.to_thread.run_sync(_loaded_file, home, limits)
    choices = await anyio.to_thread.run_sync(choices_in, found.data)
    return found if choices is None else await _asset(choices, home, get, limits)


async def _asset(choices: list[Choice], home: str | Path, get: Get, limits: Limits) -> Loaded:
    """The best asset of an Item that lies at `home`, or a smaller one where it is too large."""
    reached = [choice for choice in choices if _scheme(choice.href) in _ASSET_SCHEMES]
    if not reached:
        raise BadReference(
            f"the files of the STAC item lie at {_scheme(choices[0].href)}: addresses, which are "
            "not read",
            hint="give an item whose files have https addresses, or the file itself",
        )
    best = reached[0]
    note = f"the item's {choices[0].key} asset lies where it is not read: its {best.key} is shown"
    notes = () if best is choices[0] else (note,)
    try:
        loaded = await _asset_bytes(best, home, get, limits)
    except ImageTooLarge as error:
        smaller = [choice for choice in reached if choice.small and choice is not best]
        if not smaller:
            hint = "give the address of an overview or a preview of the scene"
            raise ImageTooLarge(str(error), hint=hint) from error
        note = f"the item's {best.key} asset is too large: its {smaller[0].key} is shown instead"
        notes = (*notes, note)
        loaded = await _asset_bytes(smaller[0], home, get, limits)
    if looks_like_json(loaded.data):  # an Item in an Item, itself perhaps
        raise BadReference("the STAC item leads to a JSON document, not to a picture")
    return replace(loaded, extras=replace(loaded.extras, notes=notes))


async def _asset_bytes(choice: Choice, home: str | Path, get: Get, limits: Limits) -> Loaded:
    if choice.bytes > limits.max_bytes:
        raise ImageTooLarge(f"the {choice.key} asset has more than {limits.max_bytes:,} bytes")
    scheme = _scheme(choice.href)
    if scheme == "data":
        data = await anyio.to_thread.run_sync(from_data_uri, choice.href, limits)
        return Loaded(data, "data:", choice.extras)
    if isinstance(home, Path) and not scheme:
        path = await anyio.to_thread.run_sync(_beside, home, choice.href)
        found = await anyio.to_thread.run_sync(_loaded_file, path, limits)
        return replace(found, extras=choice.extras)
    try:
        url = choice.href if isinstance(home, Path) else urljoin(home, choice.href)
    except ValueError as error:
        raise BadReference(f"the item's {choice.key} asset is at no URL") from error
    return Loaded((await get(url)).data, shown(url), choice.extras)


def _beside(item: Path, href: str) -> Path:
    """A file in the folder of an Item: a stranger's Item must not pick from the whole disk."""
    try:
        folder = item.parent.resolve()
        path = (folder / href).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a null character, a loop of links
        raise BadReference(f"{_printable(href)}: the file cannot be opened") from error
    if not path.is_relative_to(folder):
        raise BadReference(
            f"{_printable(href)} is outside the folder of its STAC item",
            hint="give the path of the file itself",
        )
    return path


def _loaded_file(path: Path, limits: Limits) -> Loaded:
    return Loaded(read_file(path, limits), f"file:{_printable(path.name)}")


def _scheme(text: str) -> str:
    return match.group(1).lower() if (match := _SCHEME.match(text)) else ""


def _path(text: str, scheme: str, *, files: bool) -> Path:
    if scheme == "sha256":
        raise BadReference(f"{shown(text)} is the id of a stored image, not a place")
    if scheme and files:
        raise BadReference(f"{scheme}: addresses are not read", hint="for a file, give ./its-name")
    if scheme:
        raise BadReference(f"{scheme}: addresses are not read", hint=_WAYS)
    if not files or _VSI.match(text):
        hint = _WAYS_FILES if files else _WAYS
        raise BadReference(f"{shown(text)} is not an image reference", hint=hint)
    return Path(text)


def from_data_uri(uri: str, limits: Limits) -> bytes:
    """The bytes of a base64 data: URI (RFC 2397).

    Line breaks and spaces in the payload are taken, as MIME writers make them; %-escapes too.
    Otherwise the base64 must be whole: standard alphabet, padding included.
    """
    head, comma, payload = uri.partition(",")
    media_type, *parameters = head[len("data:") :].split(";")
    if not comma or not parameters or parameters[-1].strip().lower() != "base64":
        raise BadReference(
            "the data: URI is not base64", hint="write it as data:image/png;base64,<base64>"
        )
    kind = media_type.strip().lower()
    if kind and not kind.startswith("image/") and kind != "application/octet-stream":
        raise BadReference("the data: URI says that it is not an image")
    try:
        encoded = unquote_to_bytes(payload.encode("ascii")).translate(None, _WHITESPACE)
        if len(encoded) * 3 // 4 - encoded[-2:].count(b"=") > limits.max_bytes:
            raise ImageTooLarge(f"the data: URI holds more than {limits.max_bytes:,} bytes")
        data = base64.b64decode(encoded, validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise BadReference("the base64 of the data: URI is damaged or not complete") from error
    if not data:
        raise BadReference("the data: URI is empty")
    return data


def read_file(path: Path, limits: Limits) -> bytes:
    """The bytes of a regular file of this machine."""
    name = _printable(str(path))
    too_large = ImageTooLarge(f"{name} has more than {limits.max_bytes:,} bytes")
    descriptor = _open(path, name)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise BadReference(f"{name} is a folder, not a picture")
        if not stat.S_ISREG(status.st_mode):
            raise BadReference(f"{name} is not a regular file")
        if status.st_size > limits.max_bytes:
            raise too_large
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limits.max_bytes + 1)  # it may have grown since it was measured
    except OSError as error:
        raise BadReference(f"{name}: the file cannot be read") from error
    finally:
        os.close(descriptor)
    if len(data) > limits.max_bytes:
        raise too_large
    return data


def _open(path: Path, name: str) -> int:
    try:
        # Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise BadReference(f"{name}: there is no such file") from error
    except PermissionError as error:
        raise BadReference(f"{name}: the file may not be read") from error
    except (OSError, ValueError) as error:  # too long a name, a null character, a loop of links
        raise BadReference(f"{name}: the file cannot be opened") from error


def _printable(text: str) -> str:
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 200 else "…" + text[-199:]  # noqa: PLR2004 - one line
