"""Band orders of common products, with their sources.

That a file fits one is evidence, not knowledge: bands of the same number and pixel size come in
other orders too. Only the file's own words, or a person's, make a role known.

Sources:
    Landsat: https://www.usgs.gov/faqs/what-are-band-designations-landsat-satellites
    Sentinel-2: https://sentiwiki.copernicus.eu/web/s2-mission (MSI spectral bands)
    HLS: https://lpdaac.usgs.gov/documents/1698/HLS_User_Guide_V2.pdf, table 3
    PlanetScope: https://docs.planet.com/data/imagery/planetscope/ (4-band analytic)
    NAIP: https://naip-usdaonline.hub.arcgis.com (4 bands: red, green, blue, near-infrared)
"""

from __future__ import annotations

from dataclasses import dataclass

from imagery.errors import BadReference

_TM = ("blue", "green", "red", "nir", "swir1", "swir2")
_TM7 = ("blue", "green", "red", "nir", "swir1", "thermal", "swir2")
_OLI = ("coastal", "blue", "green", "red", "nir", "swir1", "swir2")
_MSI13 = (
    "coastal", "blue", "green", "red", "rededge", "rededge", "rededge", "nir", "nir08", "nir09",
    "cirrus", "swir1", "swir2",
)  # fmt: skip
_MSI12 = tuple(role for role in _MSI13 if role != "cirrus")
_MSI10 = tuple(role for role in _MSI12 if role not in {"coastal", "nir09"})
_BGRN = ("blue", "green", "red", "nir")
_RGBN = ("red", "green", "blue", "nir")
_LANDSAT_M = ((28.0, 31.0),)
_SENTINEL2_M = ((9.5, 10.5), (19.0, 21.0), (59.0, 61.0))


@dataclass(frozen=True, slots=True)
class Layout:
    """Roles of the bands of a product, in their order in a file.

    Attributes:
        label: for people, without the article.
        dtypes: of files of it.
        ground_m: ranges of its pixel size, in metres.
        presets: names by which a person can state it.
        declared_rgb: whether the file must call its first bands red, green and blue.
    """

    label: str
    roles: tuple[str, ...]
    dtypes: frozenset[str]
    ground_m: tuple[tuple[float, float], ...]
    presets: tuple[str, ...]
    declared_rgb: bool = False


_INTEGERS = frozenset({"uint8", "int16"})
_WIDE = frozenset({"uint16", "int16", "float32", "float64"})
_BYTE = frozenset({"uint8"})
_TM_NAMES = ("landsat4", "landsat5", "landsat7")
_OLI_NAMES = ("landsat8", "landsat9")
LAYOUTS = (
    Layout("Landsat 4-7 stack", _TM, _INTEGERS, _LANDSAT_M, _TM_NAMES),
    Layout("Landsat 4-7 stack", _TM7, _BYTE, _LANDSAT_M, _TM_NAMES),
    Layout("Landsat 7 stack", (*_TM7, "pan"), _BYTE, _LANDSAT_M, ("landsat7",)),
    # Surface reflectance stacks with the thermal band and a mask last.
    Layout("Landsat 4-7 stack", (*_TM, "thermal"), _WIDE, (), _TM_NAMES),
    Layout("Landsat 4-7 stack", (*_TM, "thermal", "mask"), _WIDE, (), _TM_NAMES),
    Layout("Landsat 8-9 stack", _OLI, _WIDE, _LANDSAT_M, _OLI_NAMES),
    Layout(
        "Landsat 8-9 stack",
        (*_OLI, "pan", "cirrus", "thermal", "thermal"),
        _WIDE,
        _LANDSAT_M,
        _OLI_NAMES,
    ),
    Layout("Landsat or HLS stack", _TM, _WIDE, _LANDSAT_M, (*_OLI_NAMES, "hls")),
    Layout("Sentinel-2 stack", _MSI13, _WIDE, _SENTINEL2_M, ("sentinel2",)),
    Layout("Sentinel-2 stack", _MSI12, _WIDE, _SENTINEL2_M, ("sentinel2",)),
    Layout("Sentinel-2 stack", _MSI10, _WIDE, _SENTINEL2_M, ("sentinel2",)),
    Layout("Sentinel-2 stack", _BGRN, _WIDE, _SENTINEL2_M, ("sentinel2",)),
    Layout("PlanetScope scene", _BGRN, _WIDE, ((2.9, 3.8),), ("planetscope",)),
    Layout("NAIP picture", _RGBN, _BYTE, ((0.25, 2.5),), ("naip",)),
    # Unscaled copies of such orthophotos keep the colours' names, not the pixel size.
    Layout("near-infrared orthophoto", _RGBN, _BYTE, ((0.0, 1e9),), (), declared_rgb=True),
)
# As tags and the names of products' files have them (LC08_L2SP_…, S2A_MSIL2A_…).
MISSIONS = {
    "landsat4": ("LANDSAT_4", "LANDSAT-4", "LANDSAT4", "LT04_"),
    "landsat5": ("LANDSAT_5", "LANDSAT-5", "LANDSAT5", "LT05_"),
    "landsat7": ("LANDSAT_7", "LANDSAT-7", "LANDSAT7", "LE07_"),
    "landsat8": ("LANDSAT_8", "LANDSAT-8", "LANDSAT8", "LC08_"),
    "landsat9": ("LANDSAT_9", "LANDSAT-9", "LANDSAT9", "LC09_"),
    "sentinel2": ("SENTINEL-2", "SENTINEL2", "SENTINEL_2", "S2A_MSI", "S2B_MSI", "S2C_MSI"),
    "naip": ("NAIP",),
}
PRESETS = tuple(sorted({name for layout in LAYOUTS for name in layout.presets}))


def by_evidence(
    count: int, dtype: str, ground_m: float | None, *, declared_rgb: bool
) -> Layout | None:
    """The layout that a file's band count, type and pixel size fit, or None."""
    for layout in LAYOUTS:
        if len(layout.roles) != count or dtype not in layout.dtypes or ground_m is None:
            continue
        near = any(low <= ground_m <= high for low, high in layout.ground_m)
        if near and (declared_rgb or not layout.declared_rgb):
            return layout
    return None


def mission_in(text: str) -> str | None:
    """The mission that a text names, in the tags or the name of a file; None for none."""
    upper = text.upper()
    found = (name for name, words in MISSIONS.items() if any(word in upper for word in words))
    return next(found, None)


def preset(name: str, count: int, dtype: str) -> tuple[str, ...] | None:
    """Roles of a named layout for a number of bands; None where it has none of that number."""
    fitting = [
        layout for layout in LAYOUTS if name in layout.presets and len(layout.roles) == count
    ]
    fitting.sort(key=lambda layout: dtype not in layout.dtypes)
    return fitting[0].roles if fitting else None


def parse_band_roles(text: str) -> str | dict[str, int]:
    """What a person states of the bands: `red=3,nir=4`, or the name of a layout.

    Returns:
        Band indices, counted from 1, by role; or the layout's name.

    Raises:
        BadReference: neither.
    """
    if text in PRESETS:
        return text
    roles: dict[str, int] = {}
    for part in text.split(","):
        role, equals, index = (word.strip() for word in part.partition("="))
        # Five digits: GDAL's limit is 65,535 bands, and int() of a long text is slow.
        if not (equals and role.isidentifier() and index.isdecimal() and len(index) <= 5):  # noqa: PLR2004
            raise BadReference(
                f"{part.strip()[:40]!r} does not say which band is what",
                hint=f"write red=3,nir=4 or one of {', '.join(PRESETS)}",
            )
        roles[role.lower()] = int(index)
    return roles
