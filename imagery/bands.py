"""Which band is what, how that is known, and which bands are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imagery import layouts
from imagery.bandnames import role_of, role_of_common_name, roles_by_number
from imagery.errors import BadReference, EmptyImage
from imagery.facts import Band, Kind

RGB = ("red", "green", "blue")
FALSE_COLOUR = ("nir", "red", "green")
_NO_PICTURE = {"alpha", "mask"}
_NAMED_COLOURS = {
    "coastal", "rededge", "nir", "alpha", "pan", *RGB,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file says about its bands.

    Attributes:
        names: descriptions, or None.
        colours: GDAL's colour interpretation, by name.
        dtypes: as numpy calls them.
        tags: of the file.
        ground_m: pixel size in metres, or None.
        file_name: a product's name in it is somebody's word on the order of the bands.
    """

    names: tuple[str | None, ...]
    colours: tuple[str, ...]
    dtypes: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)
    ground_m: float | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class BandPlan:
    """Bands with their roles, and those to show.

    Attributes:
        shown: three as red, green and blue, or one.
        note: for people, where the picture is not simply the file's own red, green and blue.
        declared_rgb: whether the file itself calls the shown bands red, green and blue.
        taken_for: the product whose band order was assumed, e.g. "Landsat 4-7 stack".
    """

    bands: tuple[Band, ...]
    shown: tuple[int, ...]
    note: str | None
    declared_rgb: bool
    taken_for: str | None = None

    def known(self, role: str) -> int | None:
        """The index of the band that is known to have a role."""
        return next((b.index for b in self.bands if b.role == role and b.role_known), None)


def plan_bands(
    evidence: Evidence,
    *,
    stated: str | Mapping[str, int] | None = None,
    eo_bands: Sequence[Mapping[str, str]] | None = None,
) -> BandPlan:
    """Roles and the bands to show, from the best evidence that there is.

    Args:
        evidence: what the file says.
        stated: what a person says, as `layouts.parse_band_roles` returns it: counts as known.
        eo_bands: of a STAC asset, in the order of its bands: counts as known.

    Raises:
        BadReference: `stated` does not fit the file.
        EmptyImage: the file has a mask but no picture.
    """
    known = _known(evidence, stated, eo_bands)
    layout = _layout(evidence, known)
    guesses = layout.roles if layout else (None,) * len(known)
    bands = tuple(
        Band(
            index=i,
            name=evidence.names[i - 1] or f"band {i}",
            role=sure or guess,
            role_known=sure is not None,
            dtype=evidence.dtypes[i - 1],
        )
        for i, (sure, guess) in enumerate(zip(known, guesses, strict=True), 1)
    )
    shown, note = _shown(bands, layout, evidence)
    named = [c for c in evidence.colours if c in RGB] and tuple(
        evidence.colours[i - 1] for i in shown
    )
    return BandPlan(bands, shown, note, named == RGB, layout.label if layout else None)


def kind_of(plan: BandPlan) -> Kind:
    """The kind of raster, as far as its bands tell; a look at the values may refine greyscale."""
    picture = [b for b in plan.bands if b.role not in _NO_PICTURE]
    roles = [b.role for b in picture]
    if len(picture) > 1:
        return "rgb" if sorted(map(str, roles)) == sorted(RGB) else "multispectral"
    only = roles[0]
    return "index" if only == "index" else "sar-like" if only == "sar" else "greyscale"


def _known(
    evidence: Evidence,
    stated: str | Mapping[str, int] | None,
    eo_bands: Sequence[Mapping[str, str]] | None,
) -> list[str | None]:
    """Roles that are known, the strongest word first; a role is given once by each word."""
    count = len(evidence.dtypes)
    known: list[str | None] = (
        _stated(stated, count, evidence.dtypes[0]) if stated else [None] * count
    )
    sources: list[list[str | None]] = []
    if eo_bands and len(eo_bands) == count:
        sources.append([_eo_role(band) for band in eo_bands])
    sources.append([role_of(name) if name else None for name in evidence.names])
    sources.append(roles_by_number(evidence.names))
    sources.append(_mission_roles(evidence))
    sources.append([c if c in _NAMED_COLOURS else None for c in evidence.colours])
    for roles in sources:
        taken = {role for role in known if role}
        for i, role in enumerate(roles):
            if known[i] is None and role not in taken:
                known[i] = role
    return known


def _stated(stated: str | Mapping[str, int], count: int, dtype: str) -> list[str | None]:
    if isinstance(stated, str):
        roles = layouts.preset(stated, count, dtype)
        if roles is None:
            raise BadReference(
                f"no {stated} file of {count} bands is known",
                hint="say which band is what: red=3,nir=4",
            )
        return list(roles)
    found: list[str | None] = [None] * count
    for role, index in stated.items():
        if not 1 <= index <= count:
            raise BadReference(f"{role}={index}: the file has bands 1 to {count}")
        found[index - 1] = role
    return found


def _eo_role(band: Mapping[str, str]) -> str | None:
    common = band.get("common_name") or band.get("eo:common_name")
    return role_of_common_name(common) if common else role_of(band.get("name", ""))


def _mission_roles(evidence: Evidence) -> list[str | None]:
    """Roles where tags or the file's name say its mission, and a layout of it has as many bands."""
    none: list[str | None] = [None] * len(evidence.dtypes)
    mission = layouts.mission_in(" ".join(evidence.tags.values()))
    mission = mission or layouts.mission_in(evidence.file_name)
    if mission is None:
        return none
    roles = layouts.preset(mission, len(evidence.dtypes), evidence.dtypes[0])
    # Four bands of a mission come in several orders; NAIP's are always the same.
    sure = roles and (len(roles) > 4 or mission == "naip")  # noqa: PLR2004
    return list(roles) if roles and sure else none


def _layout(evidence: Evidence, known: list[str | None]) -> layouts.Layout | None:
    """A layout to guess by: none where it contradicts what is known or adds nothing."""
    declared = tuple(evidence.colours[:3]) == RGB
    layout = layouts.by_evidence(
        len(known), evidence.dtypes[0], evidence.ground_m, declared_rgb=declared
    )
    if layout is None or all(known):
        return None
    fits = all(sure in (None, role) for sure, role in zip(known, layout.roles, strict=True))
    return layout if fits else None


def _shown(
    bands: tuple[Band, ...], layout: layouts.Layout | None, evidence: Evidence
) -> tuple[tuple[int, ...], str | None]:
    picture = [b for b in bands if b.role not in _NO_PICTURE]
    if not picture:
        raise EmptyImage("the raster has a mask but no picture")
    by_role = {b.role: b for b in reversed(picture) if b.role}
    of = len(picture)
    for order in (RGB, FALSE_COLOUR):
        chosen = [by_role[role] for role in order if role in by_role]
        if len(chosen) == len(order):
            return _by_role(chosen, of, order, layout, evidence)
    if of <= 2:  # noqa: PLR2004 - not enough for three colours
        first = picture[0].index
        return (first,), None if of == 1 else f"shows band {first} of {of}"
    shown = tuple(b.index for b in picture[:3])
    return shown, f"shows bands {_listed(shown)} of {of} as red, green and blue, which is a guess"


def _by_role(
    chosen: list[Band],
    of: int,
    order: tuple[str, ...],
    layout: layouts.Layout | None,
    evidence: Evidence,
) -> tuple[tuple[int, ...], str | None]:
    shown = tuple(b.index for b in chosen)
    note = f"shows bands {_listed(shown)} of {of}"
    if order == FALSE_COLOUR:
        note += " in false colour: near-infrared, red and green as red, green and blue"
    if not all(b.role_known for b in chosen) and layout:
        size = f"{evidence.ground_m:.3g} m" if evidence.ground_m else "?"
        return shown, f"{note}, taken for a {layout.label} ({of} bands, {size}), which is a guess"
    plain = order == RGB and of == len(shown) and sorted(shown) == list(shown)
    return shown, None if plain else note


def _listed(shown: tuple[int, ...]) -> str:
    return ", ".join(map(str, shown))
