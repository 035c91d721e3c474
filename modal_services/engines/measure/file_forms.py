"""The sentence forms of what a file states: size, bands, CRS, place, date, indices."""
# ruff: noqa: E501 - a form is read as one line

from __future__ import annotations

from collections.abc import Mapping

from modal_services.engines.measure.intents import Kind
from modal_services.engines.measure.sentence_parts import (
    CRS,
    EDGES,
    FILE,
    GSD,
    HERE,
    IT,
    PICTURE,
    SHARE,
    SIDE,
    SIZE,
    THIS,
    WHOLE,
)
from modal_services.engines.measure.vocabulary import UNIT

FILE_FORMS: Mapping[Kind, tuple[str, ...]] = {
    "image_size": (
        rf"(?:how big|how large|what size) is (?:the |this ){FILE}(?: in pixels)?",
        rf"what (?:is|are) the (?:image |pixel )?{SIZE} of (?:the |this ){FILE}(?: in pixels)?",
        (
            rf"what (?:is|are) the (?:image|picture|pixel) {SIZE}"
            r"(?: in pixels)?(?: \(width x height\))?"
        ),
        (
            rf"what (?:is|are) the (?:{SIDE}|{SIZE}|(?:pixel |image )?resolution)"
            rf"(?: of {THIS})? in pixels"
        ),
        rf"what (?:is|are) the {SIDE} of (?:the |this ){FILE}",
        rf"how many pixels (?:wide|high|tall) is (?:the |this ){PICTURE}",
        rf"how many pixels does {THIS} have",
        rf"how (?:wide|high|tall) is (?:the |this ){FILE}(?: in pixels)?",
        rf"(?:image|picture|pixel) {SIZE}(?: in pixels)?",
    ),
    "bands": (
        rf"how many (?:spectral )?(?:bands|channels) (?:does {IT} have|are there){HERE}",
        rf"(?:what|which) (?:spectral )?(?:bands|channels) (?:does {IT} have|are there){HERE}",
        rf"(?:what is )?the number of (?:spectral )?(?:bands|channels){HERE}",
        rf"what are the (?:spectral )?(?:bands|channels){HERE}",
    ),
    "crs": (
        rf"(?:what|which) {CRS} (?:does {IT} (?:have|use)|is (?:{IT} in|used)){HERE}",
        rf"(?:what|which) is the {CRS}{HERE}",
        rf"in (?:what|which) {CRS} is {IT}",
        rf"(?:the )?{CRS}{HERE}",
    ),
    "resolution": (
        rf"(?:what|which) (?:is the )?{GSD}(?: does {IT} have)?{HERE}",
        (
            rf"how many (?:met(?:er|re)s|centimet(?:er|re)s) (?:is|are|per|does)(?: a| one| each)? "
            rf"pixel(?: cover)?{HERE}"
        ),
        rf"how large is (?:a|one|each) pixel(?: on the ground)?{HERE}",
        rf"(?:the )?{GSD}{HERE}",
    ),
    "bounds": (
        rf"what (?:is|are) the {EDGES}{HERE}",
        rf"what (?:are|is) the (?:corner )?coordinates{HERE}",
        rf"where (?:is|was) (?:the |this ){FILE}(?: taken)?",
        r"where on earth is (?:this|it)",
    ),
    "ground_size": (
        (
            rf"(?:what|how (?:much|large an|big an)) area (?:is covered by|does) {THIS}"
            rf"(?: cover)?(?: on the ground)?(?: in (?P<unit>{UNIT}))?"
        ),
        rf"how (?:many|much) (?P<unit>{UNIT}) (?:does {THIS} cover|is {THIS}|are shown)",
        rf"how (?:large|big) is {THIS} on the ground",
        (
            rf"what is the (?:total |ground )?area (?:covered by|of|shown in) {THIS}"
            rf"(?: in (?P<unit>{UNIT}))?"
        ),
    ),
    "taken": (
        rf"when (?:was|is) {IT} (?:taken|acquired|captured|recorded|from)",
        rf"what is the (?:acquisition |capture )?date{HERE}",
        rf"(?:on )?(?:what|which) (?:date|day|year) was {IT} (?:taken|acquired|captured)",
        r"(?:the )?(?:acquisition|capture) date",
    ),
    "nodata": (
        rf"how much of {WHOLE} (?:is|has|holds) (?:no data|nodata|no-data|empty|missing)",
        (
            rf"what (?:{SHARE} of {WHOLE} is|is the {SHARE} of) (?:no data|nodata|no-data|missing)"
            rf"(?: pixels)?{HERE}"
        ),
        rf"(?:are|is) there (?:any )?(?:no data|nodata|no-data|missing)(?: pixels| areas?)?{HERE}",
    ),
    "index_mean": (
        (
            rf"(?:what is |calculate |compute )?the (?:mean|average) (?P<index>ndvi|ndwi)(?: value)?"
            rf"{HERE}(?: \((?:(?:red|green) band (?P<other>\d+), (?:near-infrared|nir) band"
            r" (?P<nir>\d+), )?(?:raw )?(?:digital numbers|values)(?:, valid pixels only)?\))?"
        ),
        rf"(?:mean|average) (?P<index>ndvi|ndwi){HERE}",
        rf"what is the (?P<index>ndvi|ndwi){HERE}",
    ),
    "sensor": (
        (
            rf"is {IT} (?:an? )?(?:optical|radar|sar)(?: image)? or (?:an? )?(?:radar|optical|sar)"
            r"(?: image| picture)?"
        ),
        rf"is {IT} (?:an? )?(?P<sensor>optical|radar|sar)(?: image| picture)?",
    ),
    "colour_mode": (
        rf"is (?:the |this ){PICTURE} (?:in )?(?:colou?r|gr[ea]yscale|black and white)",
        rf"is (?:the |this ){PICTURE} (?:in )?colou?r or (?:gr[ea]yscale|black and white)",
        rf"is (?:the |this ){PICTURE} (?:gr[ea]yscale|black and white) or (?:in )?colou?r",
        rf"is (?:it|this) (?:a |in )?(?:colou?r|gr[ea]yscale)(?: {PICTURE})?",
        r"is (?:it|this) (?:colou?r or gr[ea]yscale|gr[ea]yscale or colou?r)",
    ),
}
