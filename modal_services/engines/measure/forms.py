"""The sentence forms of each intent.

A form matches the whole of a sentence, in lower case, without polite words and closing marks.
Named groups carry what is asked about; `questions` reads them.
"""
# ruff: noqa: E501 - a form is read as one line

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from modal_services.engines.measure.file_forms import FILE_FORMS
from modal_services.engines.measure.intents import Kind
from modal_services.engines.measure.sentence_parts import (
    AT_SEA,
    CLASSES,
    HERE,
    IT,
    LAND_COVER,
    MAIN,
    PICTURE,
    SEA,
    SHARE,
    SHIPS,
    SITE,
    SORT,
    THIS,
    WHOLE,
)
from modal_services.engines.measure.vocabulary import COVERS, ONE_COVER, REGION, SCENE, UNIT

FORMS: Mapping[Kind, tuple[str, ...]] = {
    **FILE_FORMS,
    "dominant_colour": (
        rf"(?:what|which) is the {MAIN} colou?r(?: (?:of|in) (?P<region>{REGION}))?{HERE}",
        (
            rf"(?:what|which) colou?r (?:is {MAIN}|dominates|is the {MAIN} one)"
            rf"(?: in (?P<region>{REGION}))?{HERE}"
        ),
        rf"(?:what|which) colou?r dominates {THIS}",
        rf"{MAIN} colou?r(?: (?:of|in) (?P<region>{REGION}))?{HERE}",
        rf"(?:what|which) colou?rs? (?:is|are) (?:the {PICTURE}|(?P<region>{REGION})){HERE}",
        (
            rf"(?:what|which) colou?rs (?:are|are there|can be seen|are visible)"
            rf"(?: in (?P<region>{REGION}))?{HERE}"
        ),
    ),
    "dominant_cover": (
        rf"(?:what|which) is the {MAIN} {LAND_COVER}(?: of {THIS})?{HERE}",
        rf"(?:what|which) (?:{LAND_COVER} )?(?:covers|takes up|dominates) (?:most of )?{THIS}",
        rf"(?:what|which) {LAND_COVER} (?:dominates|is {MAIN}){HERE}",
        rf"what is {THIS} mostly covered (?:by|with)",
        rf"what {SORT} of {LAND_COVER} (?:is (?:this|it|shown)|does {THIS} show){HERE}",
        rf"{MAIN} {LAND_COVER}{HERE}",
    ),
    "share": (
        rf"how much (?:of )?{WHOLE} is (?:covered (?:by|with|in) )?(?P<covers>{COVERS})",
        rf"how much (?:of it )?is (?:covered (?:by|with|in) )?(?P<covers>{COVERS})",
        rf"how much of {WHOLE} (?:does|do) (?P<covers>{COVERS}) (?:cover|take up|occupy)",
        rf"how much (?P<covers>{COVERS}) (?:is|are) (?:there|visible){HERE}",
        (
            rf"(?:what|which|what is the) {SHARE} of {WHOLE} is"
            rf" (?:covered (?:by|with|in) )?(?P<covers>{COVERS})"
        ),
        rf"what is the {SHARE} of (?P<covers>{COVERS}){HERE}",
        rf"what is the (?P<covers>{COVERS}) (?:{SHARE}|coverage){HERE}",
        rf"(?:the )?{SHARE} of (?P<covers>{COVERS}){HERE}",
        rf"(?P<covers>{COVERS}) (?:{SHARE}|coverage){HERE}",
    ),
    "presence": (
        rf"(?:is|are) there (?P<covers>{COVERS})(?: visible| present)?{HERE}",
        rf"(?:is|are) (?P<covers>{COVERS}) (?:visible|present|there){HERE}",
        rf"(?:does|do) {IT} (?:contain|show|have|include) (?P<covers>{COVERS})",
        rf"(?:can|do) (?:you|i|we) see (?P<covers>{COVERS}){HERE}",
        rf"any (?P<covers>{COVERS})(?: visible)?{HERE}",
        rf"is {IT} (?P<covers>cloudy|clouded|snowy)",
    ),
    "mostly": (
        (
            rf"is {IT} (?:mostly|mainly|predominantly) (?:covered (?:by|with|in) )?"
            rf"(?P<covers>{ONE_COVER})"
        ),
    ),
    "area": (
        (
            rf"what is the (?:total )?area (?:covered by|of) (?P<covers>{ONE_COVER}){HERE}"
            rf"(?: in (?P<unit>{UNIT}))?"
        ),
        (
            rf"what (?:is )?(?:the )?area (?:is )?covered (?:by|with) (?P<covers>{ONE_COVER}){HERE}"
            rf"(?: in (?P<unit>{UNIT}))?"
        ),
        rf"how many (?P<unit>{UNIT}) of (?P<covers>{ONE_COVER})(?: are there| is there)?{HERE}",
        (
            rf"how many (?P<unit>{UNIT}) (?:is|are) (?:covered (?:by|with) )?"
            rf"(?P<covers>{ONE_COVER}){HERE}"
        ),
        (
            rf"how (?:large|big) is the (?P<covers>{ONE_COVER})(?: area)?{HERE}"
            rf"(?: in (?P<unit>{UNIT}))?"
        ),
        (
            rf"(?:what is |estimate |calculate |measure |compute )?the (?P<covers>{ONE_COVER})(?: area)?"
            rf"{HERE} in (?P<unit>{UNIT}){HERE}"
        ),
        (
            rf"(?:estimate|calculate|measure|compute) the (?:area of )?(?P<covers>{ONE_COVER})"
            rf"(?: area)?{HERE}(?: in (?P<unit>{UNIT}))?"
        ),
    ),
    "larger": (
        (
            rf"(?:is|are) there (?P<more>more|less) (?P<first>{ONE_COVER}) than"
            rf" (?P<second>{ONE_COVER}){HERE}"
        ),
        (
            rf"(?:which|what)(?: of the two)? (?:is (?:larger|more(?: common)?|bigger)|covers more)"
            rf"(?: of {WHOLE})?{HERE}[,:]? (?P<first>{ONE_COVER}) or (?P<second>{ONE_COVER}){HERE}"
        ),
        (
            rf"does (?P<first>{ONE_COVER}) cover (?P<more>more|less)(?: of {WHOLE}| area)?"
            rf" than (?P<second>{ONE_COVER})"
        ),
        (
            rf"is (?P<first>{ONE_COVER})(?: area)? (?P<more>larger|bigger|smaller) than"
            rf" (?P<second>{ONE_COVER})(?: area)?{HERE}"
        ),
    ),
    "ship_count": (
        rf"how many {SHIPS} (?:are (?:there|visible)|can (?:you|be) (?:see|seen)){AT_SEA}",
        rf"how many {SHIPS} are(?:{SEA})",
        rf"how many {SHIPS} do you see{AT_SEA}",
        rf"(?:what is )?(?:the )?number of {SHIPS}{AT_SEA}",
        rf"count (?:all )?(?:the )?{SHIPS}{AT_SEA}",
        rf"how many {SHIPS}",
    ),
    "ship_presence": (
        rf"are there (?:any )?{SHIPS}(?: visible)?{AT_SEA}",
        rf"(?:can|do) you see (?:any )?{SHIPS}{AT_SEA}",
    ),
    "scene": (
        rf"what {SORT} of {SITE} (?:is (?:this|it|shown)|does {THIS} show){HERE}",
        rf"what {SITE} (?:is this|is shown|does {THIS} show){HERE}",
        rf"(?:classify|categori[sz]e) (?:{THIS}|this|the land[- ]use)",
        (
            rf"(?:what|which) (?:is the )?{CLASSES}(?: is (?:this|it)| (?:fits|describes)"
            rf" {THIS}(?: best)?)?{HERE}"
        ),
        rf"(?:what is the )?(?:scene|land[- ]use) (?:type|class|category|classification){HERE}",
        (
            rf"(?:which|what)(?: one)? of these (?:{CLASSES}e?s|classes|categories|types)"
            rf" (?:fits|describes|matches) {THIS}(?: best)?: ?(?P<options>[\w ,-]+)"
        ),
        rf"what {SORT} of {SITE} is (?:this|it|shown)(?: here)?[,:] ?(?P<options>[\w ,-]+)",
        rf"classify {THIS}(?: as| into)?:? (?P<options>[\w ,-]+)",
        rf"is {IT} (?P<options>(?:an? )?{SCENE}(?:(?:, | or |, or )(?:an? )?{SCENE})+)",
    ),
    "is_scene": (rf"is {IT} (?:an? )?(?P<options>{SCENE})(?: scene)?",),
    "settlement": (
        (
            rf"is (?:{IT}|the area|this area)(?: in)? (?:an? )?(?:rural|urban)(?: area)? or"
            r" (?:an? )?(?:urban|rural)(?: area| scene| region| setting)?"
        ),
        (
            rf"is (?:{IT}|the area|this area)(?: in)? (?:an? )?(?P<options>rural|urban)"
            r"(?: area| scene| region| setting)?"
        ),
        r"(?:rural or urban|urban or rural)",
    ),
    "description": (
        (
            rf"(?:describe|caption|summari[sz]e) (?:{THIS}|this|it)(?P<long> in (?:great |more )?"
            r"detail)?(?: briefly| in one sentence| in short)?"
        ),
        (
            rf"(?:(?:give|write|generate|provide)(?: me)? )?(?:a |an )?(?P<long>detailed |long )?"
            rf"(?:short |brief )?(?:caption|description|summary)(?: (?:of|for) {THIS})?"
        ),
        rf"what (?:do you see|can you see|can be seen|is visible|is shown){HERE}",
        rf"what is (?:in {THIS}|here)",
        rf"what does {THIS} show",
        r"(?:briefly )?describe(?: it briefly)?",
        rf"briefly describe {THIS}",
    ),
}
_COMPILED: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(form)) for kind, forms in FORMS.items() for form in forms
)


def matches(words: str) -> Iterator[tuple[Kind, re.Match[str]]]:
    """The forms that the whole of some words match, the first of each intent."""
    seen: set[Kind] = set()
    for kind, form in _COMPILED:
        match = None if kind in seen else form.fullmatch(words)
        if match:
            seen.add(kind)
            yield kind, match
