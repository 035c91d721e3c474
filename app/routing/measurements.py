"""Questions for a size: a share, an area, a length, a distance."""

from __future__ import annotations

from app.routing.rule import Rule, Table
from app.routing.words import BE, SCENE

_AREA = Table("measurement", "vqa", "area")

_UNIT_OF_AREA = (
    r"(?:hectares?|\bha\b|acres?|km2|km\^2|km²|m2|m\^2|m²|sq\.? ?(?:km|m|ft|mi)\b"
    r"|squared? (?:kilo)?met(?:er|re)s?|square (?:miles?|feet|yards?|pixels?)|square (?:km|m)\b)"
)
_UNIT_OF_LENGTH = r"(?:(?:kilo|centi)?met(?:er|re)s?|km|miles?|feet|foot|ft|yards?|mi\b)"
_SURFACE = (
    r"(?:water|forest|vegetation|land|green(?:ery| space)?|grass|snow|ice|cloud|sand|soil|built.?up"
    r"|concrete|asphalt|shade|shadow|woodland|farmland|tree cover|pavement|bare (?:soil"
    r"|land)|ocean|sea)"
)
_MEASURE = (
    r"(?:total |approximate |exact |rough |overall |estimated |surface |average |mean "
    r"|combined |ground "
    r"|floor |maximum |minimum |footprint |built(?:.?up)? |burn(?:t|ed) |flooded "
    r"|forest(?:ed)? |water )*"
)

_FACT = Table("fact of the file", "vqa", "general")

FACTS: tuple[Rule, ...] = (
    _FACT.rule(
        "a mean index", r"^(?:(?:what is|what's|tell) )?(?:the )?(?:mean|average) nd[vw]i\b"
    ),
    _FACT.rule(
        "a fact of the file",
        r"^(?:the )?(?:(?:spatial |ground )?resolution|gsd|ground sampl(?:e|ing) distance|crs"
        r"|projection|bands?|channels?|epsg(?: code)?|(?:acquisition )?date|metadata|bounds"
        r"|extent)\W*$",
    ),
)

MEASUREMENTS: tuple[Rule, ...] = (
    _AREA.rule(
        "a share of the image",
        r"\b(?:percent(?:age)?s?|pct|share of|what (?:share|portion)\b|portions? of|fractions?"
        r"|proportions?"
        r"|area ratio|coverage|cloud cover)\b"
        r"|\bhow (?:much|many)\b.{0,60}%|\bin %|%\s*(?:of|is|are)\b"
        r"|\bratio (?:of|between)\b.{0,40}\b(?:area|cover|land|water|to)\b"
        r"|\b(?:green|tree|forest|vegetation|canopy|crop|plant|snow|ice|cloud|water) cover\b"
        r"|^(?:[\w-]+ ){1,3}(?:%|pct\b)",
        "coverage_percent",
        unless=rf"^{BE}\b(?!.*\bhow\b)|\bland coverage (?:types?|class)",
    ),
    _AREA.rule(
        "how many units of area",
        rf"\bhow (?:many|much|large|big)\b.{{0,80}}\b{_UNIT_OF_AREA}|\bin {_UNIT_OF_AREA}"
        rf"|^{_UNIT_OF_AREA}",
        "area",
    ),
    _AREA.rule(
        "a distance",
        r"\bhow (?:far|close|near|distant)\b(?! along| advanced)|\bdistance (?:of|from|between|to"
        r"|in"
        r"|across)\b|\bhow many "
        rf"{_UNIT_OF_LENGTH}\b.{{0,40}}\b(?:from|between|to|apart|away)\b|^(?:the )?distance\b",
        "distance",
        unless=rf"^{BE}\b",
    ),
    _AREA.rule(
        "a length",
        r"\bhow (?:long|wide|tall|high|deep|broad|thick|lengthy)\b(?!\s+(?:ago"
        r"|does it take|did|will|until|before))"
        rf"|\bhow many {_UNIT_OF_LENGTH}\b|\b(?:lengths?|widths?|perimeters?"
        r"|circumferences?|heights?|diameters?"
        r"|radius|depth|elevation) (?:of|in|covered|between|from)\b|^(?:what is "
        r"|measure |estimate |give )?(?:me )?"
        rf"(?:the |its |their )?{_MEASURE}(?:length|width|perimeter|circumference|height"
        r"|diameter|radius|depth)\b"
        r"|^what (?:length|width|height|diameter|perimeter|distance)\b"
        r"|^(?:what is )?(?:the )?(?:\w+ ){1,3}(?:length|width|height|perimeter|diameter)\W*$"
        rf"|\bin {_UNIT_OF_LENGTH}\b(?=\W*$)",
        "length",
        unless=rf"^{BE}\b|\btells? (?:us|me|you) about\b",
    ),
    _AREA.rule(
        "how large",
        r"\bhow (?:large|big|extensive|sizable|vast|spacious|huge|small|much (?:area"
        r"|space|land|surface|ground))\b"
        r"|(?:^|\b(?:the|its|their|total|what|of|an?|me|surface|estimate|approximate"
        r"|measure|built.?up) )"
        rf"{_MEASURE}(?:areas?|acreage|surface|extent|footprint|square (?:footage|meters))"
        rf" (?:of|covered|occupied|taken|under|does|do|for|used|it)\b"
        rf"|\b(?:sizes?|dimensions?|extents?) (?:of|in|covered)\b|^what (?:size|area|surface)\b"
        r"|^(?:what is |what are |measure |estimate |calculate |compute |give "
        rf"|determine )(?:me )?(?:the |its |their ){_MEASURE}"
        r"(?:area|size|extent|surface|acreage|dimensions)\b|^(?:measure|estimate"
        r"|calculate|compute)\b.{0,40}\b(?:area|size|extent)\b"
        r"|^(?:area|size|acreage|surface)\b|\b\w+ (?:area|size)\W*$(?<=\bsize\?)"
        r"|^total (?:[\w-]+ ){0,3}(?:area|surface|acreage)\b"
        r"|^(?:[\w-]+ ){0,3}(?:footprint|surface|roof(?:top)?|floor|ground|plot|lot|lake|pond|field"
        r"|building|island|crop|canopy) area\W*$"
        r"|^how much .{0,40}\b(?:area|space|land)\b",
        "area",
        unless=rf"^{BE}\b|\b(?:in|which|what|type of|kind of) (?:part|side|area) of (?:the"
        rf"|this) {SCENE}"
        r"|\b(?:in|which|type of|kind of|kinds of|types of|around|near|inside"
        r"|within) (?:the |this |what )?areas?\b"
        r"|^what (?:area|size) (?:is|are|surround|might|would|could)\w*\b|^describe\b|\bmade of\b"
        r"|\bsize (?:differ|rank|order)",
    ),
    _AREA.rule(
        "how much",
        r"^how much\b(?!.{0,40}\b(?:cost|money|worth|pay|price|time|rain))"
        r"|\bto what extent\b.{0,60}\b(?:cover\w*|flooded|built|forested|vegetated|burn(?:t|ed))\b"
        rf"|\bhow much (?:of|{_SURFACE})\b"
        rf"|\b(?:amount|quantity|extent) of (?:the )?{_SURFACE}\b(?! (?:area|bod|bank"
        r"|tank|farm|field|tree)\w*)(?!s)",
        "coverage_percent",
    ),
    _AREA.rule("a measurement", r"^measure\b", "area"),
)
