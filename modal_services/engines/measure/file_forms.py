"""The sentence forms of what a file states: size, bands, CRS, place, date, indices."""
# ruff: noqa: E501 - a form is read as one line

from __future__ import annotations

from collections.abc import Mapping

from modal_services.engines.measure.intents import Kind
from modal_services.engines.measure.sentence_parts import (
    ASK,
    BAND,
    CRS,
    EDGES,
    FILE,
    GSD,
    HERE,
    IT,
    PICTURE,
    POSITION,
    SHARE,
    SIDE,
    SIZE,
    THIS,
    WHOLE,
)
from modal_services.engines.measure.vocabulary import UNIT

_FILE_OR_IT = rf"(?:{IT}|(?:the|this) (?:file|raster))"
# "It" alone is no image here: the agent asks the parts of a question one by one, and in "is there
# water, and how many hectares is it" the second is about the water.
FILE_FORMS: Mapping[Kind, tuple[str, ...]] = {
    "image_size": (
        rf"(?:how big|how large|what size) is (?:the |this ){FILE}(?: in pixels)?",
        rf"what (?:is|are) the (?:image |pixel )?{SIZE} of (?:the |this ){FILE}(?: in pixels)?",
        (
            rf"{ASK}(?:(?:image|picture) {SIZE}|pixel dimensions)"
            r"(?: in pixels)?(?: \(width x height\))?"
        ),
        (
            rf"what (?:is|are) the (?:{SIDE}|{SIZE}|(?:pixel |image )?resolution)"
            rf"(?: of {THIS})? in pixels"
        ),
        rf"{ASK}(?:image|picture) {SIDE}(?: in pixels)?",
        rf"what (?:is|are) the {SIDE} of (?:the |this ){FILE}",
        rf"how many pixels (?:wide|high|tall) is (?:it|(?:the |this ){PICTURE})",
        rf"how many pixels does {THIS} have",
        rf"how (?:wide|high|tall) is (?:the |this ){FILE}(?: in pixels)?",
        r"how (?:wide|high|tall|big|large) is it in pixels",
    ),
    "bands": (
        rf"how many (?:spectral )?(?:bands|channels) (?:does {_FILE_OR_IT} (?:have|contain|include|come with)|are (?:there|included)|are in {_FILE_OR_IT}){HERE}",
        rf"(?:what|which) (?:spectral )?(?:bands|channels) (?:does {IT} have|are there){HERE}",
        rf"{ASK}number of (?:spectral )?(?:bands|channels){HERE}",
        rf"{ASK}(?:spectral )?(?:bands|channels){HERE}",
        rf"(?:what|which) (?:spectral )?(?:bands|channels) are (?:in|present in|included in|available in|part of) {_FILE_OR_IT}",
        rf"(?:what|which) (?:spectral )?(?:bands|channels) (?:are )?(?:available|present|included){HERE}",
        rf"(?:does|do) {_FILE_OR_IT} (?:have|contain|include|come with) an? (?P<options>{BAND})",
        rf"is there an? (?P<options>{BAND})(?: (?:available|present))?{HERE}",
    ),
    "crs": (
        rf"(?:what|which) {CRS} (?:does {IT} (?:have|use)|is (?:{IT} in|used)){HERE}",
        rf"{ASK}{CRS}(?: name)?{HERE}",
        rf"in (?:what|which) {CRS} is {IT}",
    ),
    "resolution": (
        rf"(?:what|which) (?:is the )?{GSD}(?: does {IT} have)?{HERE}",
        (
            rf"how many (?:met(?:er|re)s|centimet(?:er|re)s) (?:is|are|per|does)(?: a| one| each)? "
            rf"pixel(?: cover)?{HERE}"
        ),
        rf"how (?:fine|high|good|coarse) is the {GSD}{HERE}",
        r"(?:what|how much(?: ground)?) does (?:one|a|each) pixel (?:cover|represent|measure)(?: on the ground)?",
        rf"how large is (?:a|one|each) pixel(?: on the ground)?{HERE}",
        rf"{ASK}(?:image |picture )?{GSD}{HERE}(?: in met(?:er|re)s)?",
        rf"what {GSD} does {IT} have",
    ),
    "bounds": (
        rf"{ASK}(?:{EDGES}|corner coordinates|corners){HERE}",
        rf"{ASK}{POSITION} of (?:the |its )(?P<options>cent(?:er|re))(?: (?:of|point of) {THIS})?",
        rf"{ASK}(?P<options>cent(?:er|re)) (?:coordinates|latitude and longitude)(?: of {THIS})?",
        rf"{ASK}(?:latitude and longitude|longitude and latitude){HERE}",
        rf"where (?:is|was) (?:the |this ){FILE}(?: taken)?",
        rf"at what (?:coordinates|location) (?:(?:is|was) (?:this|{THIS})(?: (?:taken|located))?|was it taken)",
        r"where (?:on earth |in the world )?(?:is|was) this(?: (?:taken|located))?",
        r"where (?:on earth|in the world) is it|where was it taken",
    ),
    "ground_size": (
        (
            rf"(?:what|how (?:much|large an|big an)) (?:area|ground|land) (?:is covered by|does) {THIS}"
            rf"(?: cover)?(?: on the ground)?(?: in (?P<unit>{UNIT}))?"
        ),
        rf"how (?:many|much) (?P<unit>{UNIT}) (?:does {THIS} (?:cover|span|show)|is {THIS}|are (?:shown|in {THIS}))",
        rf"how (?:large|big) is (?:{THIS}|(?:the|this) (?:area|region)(?: (?:shown|covered|in {THIS}))?) on the ground",
        rf"how (?:large|big) is (?:the|this) (?:area|region) (?:shown|covered)(?: here| in {THIS}| by {THIS})?",
        (
            rf"what is the (?:total |ground )?area (?:covered by|of|shown in) {THIS}"
            rf"(?: in (?P<unit>{UNIT}))?"
        ),
    ),
    "taken": (
        rf"when (?:was|is) {IT} (?:taken|acquired|captured|recorded|from)",
        rf"{ASK}(?:acquisition|capture) date{HERE}",
        rf"what (?:is|was) the date(?: of (?:acquisition|capture))?{HERE}",
        rf"(?:on |in |at )?(?:what|which) (?:date|day|year|month) was {IT} (?:taken|acquired|captured)",
        rf"(?:what|which) (?:date|day|year|month) is {IT} from",
    ),
    "nodata": (
        rf"how much of {WHOLE} (?:is|has|holds) (?:no data|nodata|no-data|empty|missing)",
        (
            rf"what (?:{SHARE} of {WHOLE} is|is the {SHARE} of) (?:no data|nodata|no-data|missing)"
            rf"(?: pixels)?{HERE}"
        ),
        rf"what {SHARE} of (?:the |its )?pixels (?:is|are|has|have|holds?) (?:no data|nodata|no-data|missing)",
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
        rf"what (?:mean |average )?(?P<index>ndvi|ndwi) does {IT} have(?: on average)?",
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
