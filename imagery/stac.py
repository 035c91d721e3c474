"""STAC Items (https://github.com/radiantearth/stac-spec, 1.0 and 1.1): which asset to show.

An Item is a JSON document that names a scene's files. Pure functions: bytes in, a choice out. What
an Item says is a stranger's word: every field may be missing or of another type, and is then left
out; each place it names goes through the same guard as one that a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from imagery.errors import BadReference

MAX_ITEM_BYTES = 2 * 1024 * 1024
MAX_BANDS = 256
MAX_NAME_CHARS = 64

T = TypeVar("T")


def _or_none(value: object, parse: ValidatorFunctionWrapHandler) -> object:
    try:
        return parse(value)
    except ValidationError:
        return None


Lenient = Annotated[T | None, WrapValidator(_or_none)]


Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class _Band(BaseModel):
    name: Lenient[str] = None
    common_name: Lenient[str] = Field(
        default=None, validation_alias=AliasChoices("common_name", "eo:common_name")
    )


class _Place(BaseModel):
    href: str


class _Asset(_Place):
    type: Lenient[str] = None
    roles: Lenient[list[str]] = None
    bands: Lenient[list[Lenient[_Band]]] = Field(
        default=None, validation_alias=AliasChoices("bands", "eo:bands")
    )
    gsd: Lenient[Annotated[float, Field(gt=0, allow_inf_nan=False)]] = None
    bytes: Lenient[int] = Field(default=None, validation_alias="file:size")
    alternate: Lenient[dict[str, Lenient[_Place]]] = None


class _Properties(BaseModel):
    datetime: Lenient[AwareDatetime] = None
    start_datetime: Lenient[AwareDatetime] = None
    gsd: Lenient[Annotated[float, Field(gt=0, allow_inf_nan=False)]] = None
    clouds: Lenient[Percent] = Field(default=None, validation_alias="eo:cloud_cover")
    snow: Lenient[Percent] = Field(default=None, validation_alias="eo:snow_cover")


class _Document(BaseModel):
    type: Lenient[str] = None
    stac_version: Lenient[str] = None
    properties: Lenient[_Properties] = None
    assets: Lenient[dict[str, Lenient[_Asset]]] = None
    features: Any = None


@dataclass(frozen=True, slots=True)
class Extras:
    """What an Item says of the file that was chosen, for the reader of the file.

    Attributes:
        eo_bands: `name` and `common_name` ("red", "nir", ... or empty) of each band of the
            file, in its order; no bands where the Item is silent.
        datetime: of the acquisition, or its start.
        gsd_m: ground sample distance in metres, at full resolution.
        cloud_percent: of the whole Item's scene.
        snow_percent: of the whole Item's scene.
        notes: what a person should know of the choice.
    """

    eo_bands: tuple[Mapping[str, str], ...] = ()
    datetime: datetime | None = None
    gsd_m: float | None = None
    cloud_percent: float | None = None
    snow_percent: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """An asset that could be shown.

    Attributes:
        href: as the Item writes it: absolute, or relative to the Item.
        bytes: of the file, as the Item says; 0: it does not.
        small: an overview or a thumbnail.
    """

    key: str
    href: str
    bytes: int
    small: bool
    extras: Extras


def choices_in(data: bytes) -> list[Choice] | None:
    """The assets of an Item that can be shown, the best first; None: the bytes are no Item.

    Raises:
        BadReference: a STAC document that is no Item, too large, or without a picture.
    """
    if not looks_like_json(data):
        return None
    # Far fewer bytes than a picture may have: parsed, they take a multiple of their size.
    if len(data) > MAX_ITEM_BYTES:
        raise BadReference(f"the JSON document has more than {MAX_ITEM_BYTES:,} bytes")
    try:
        document = _Document.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError:
        return None
    if document.type in ("Catalog", "Collection") or document.features is not None:
        raise BadReference(
            "the address leads to a STAC catalog or collection, not to one item",
            hint="give the address of an item, or of a picture",
        )
    if document.type != "Feature" or not document.stac_version:
        return None
    assets = {key: asset for key, asset in (document.assets or {}).items() if asset is not None}
    ranked = _ranked(assets)
    if not ranked:
        raise BadReference("the STAC item names no picture", hint="give a picture's own address")
    return [_choice(key, assets[key], document.properties or _Properties()) for key in ranked]


def looks_like_json(data: bytes) -> bool:
    """Whether bytes begin like a JSON object: no picture does."""
    return data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] == b"{"


_PICTURE_TYPES = ("image/tiff", "image/png", "image/jpeg", "image/webp", "image/jp2", "image/gif")
_PICTURE_ENDS = re.compile(r"\.(tiff?|png|jpe?g|webp|jp2|gif)$", re.IGNORECASE)
_SMALL = frozenset({"overview", "thumbnail"})
_WHOLE = frozenset({"data", "analytic", "reflectance", "image"})
_NEVER = frozenset({"metadata", "tiles", "cloud", "snow-ice", "data-mask", "water-mask"})
_RGB_BANDS = 3


def _ranked(assets: dict[str, _Asset]) -> list[str]:
    pictures = {key: asset for key, asset in assets.items() if _is_picture(asset)}
    unnamed = [key for key, asset in pictures.items() if _is_whole(key, asset) and not asset.bands]
    # Where many files have no bands listed, each is likely to be one band.
    alone = unnamed[0] if len(unnamed) == 1 else ""
    rank = {key: _rank(key, asset, alone=key == alone) for key, asset in pictures.items()}
    return sorted(rank, key=rank.__getitem__)  # as the Item lists them, where the rank is the same


def _rank(key: str, asset: _Asset, *, alone: bool) -> tuple[int, int]:
    roles, name = set(asset.roles or ()), key.lower()
    if not roles & _SMALL and ("visual" in roles or name == "visual"):
        place = 0
    elif name == "rendered_preview" or ("visual" in roles and "overview" in roles):
        place = 1
    elif _is_whole(key, asset) and (alone or len(asset.bands or ()) >= _RGB_BANDS):
        place = 2
    elif "overview" in roles or name in ("overview", "preview", "browse"):
        place = 3
    elif "thumbnail" in roles or name == "thumbnail":
        place = 4
    else:
        place = 5 if _is_whole(key, asset) else 6
    return place, _PICTURE_TYPES.index(kind) if (kind := _kind(asset)) in _PICTURE_TYPES else 0


def _is_picture(asset: _Asset) -> bool:
    if _NEVER.intersection(asset.roles or ()):
        return False
    kind = _kind(asset)
    if kind and kind != "application/octet-stream":
        return kind in _PICTURE_TYPES
    path = re.split(r"[?#]", asset.href, maxsplit=1)[0]
    return bool(_PICTURE_ENDS.search(path)) or asset.href.startswith("data:image/")


def _is_whole(key: str, asset: _Asset) -> bool:
    named = bool(_WHOLE.intersection((*(asset.roles or ()), key.lower())))
    return named and _kind(asset) in ("", "image/tiff", "image/jp2")


def _kind(asset: _Asset) -> str:
    kind = (asset.type or "").split(";")[0].strip().lower()
    return {"image/jpg": "image/jpeg", "image/vnd.stac.geotiff": "image/tiff"}.get(kind, kind)


def _choice(key: str, asset: _Asset, properties: _Properties) -> Choice:
    small = _rank(key, asset, alone=False)[0] in (1, 3, 4)
    bands = tuple(
        {"name": _short(band.name or ""), "common_name": _short(band.common_name or "")}
        for band in (entry or _Band() for entry in (asset.bands or ())[:MAX_BANDS])
    )
    # The item's distance is that of its sharpest file, never of a preview.
    gsd_m = asset.gsd or (None if small else properties.gsd)
    taken = properties.datetime or properties.start_datetime
    extras = Extras(bands, taken, gsd_m, properties.clouds, properties.snow)
    return Choice(_short(key), _href(asset), asset.bytes or 0, small, extras)


def _href(asset: _Asset) -> str:
    """The asset's place, or the alternate one over https where its own is in a bucket."""
    if re.match(r"(s3|gs|az|abfss?):", asset.href, re.IGNORECASE):
        for place in (asset.alternate or {}).values():
            if place is not None and place.href.lower().startswith("https://"):
                return place.href
    return asset.href


def _short(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:MAX_NAME_CHARS])
