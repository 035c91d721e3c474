"""The sentence forms of each intent.

A form matches the whole of a sentence, in lower case, without polite words and closing marks.
Named groups carry what is asked about; `questions` reads them.
"""
# ruff: noqa: E501 - a form is read as one line

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from modal_services.engines.measure.cover_forms import COVER_FORMS
from modal_services.engines.measure.file_forms import FILE_FORMS
from modal_services.engines.measure.intents import Kind
from modal_services.engines.measure.sentence_parts import (
    ASK,
    AT_SEA,
    CLASSES,
    HERE,
    IT,
    MAIN,
    MOSTLY,
    PICTURE,
    SEA,
    SHIP,
    SHIPS,
    SITE,
    SORT,
    THIS,
)
from modal_services.engines.measure.vocabulary import REGION, SCENE, SCENES

_COLOURED = r"(?:the )?(?:open |surface )?(?:water|vegetation|greenery)(?: areas?| cover)?"
_SURE_SCENE = rf"is {IT}(?: an? {PICTURE} of)?|(?:could|might|would) (?:it|this|{THIS}) be|does (?:it|this|{THIS}) look like"
FORMS: Mapping[Kind, tuple[str, ...]] = {
    **FILE_FORMS,
    **COVER_FORMS,
    "dominant_colour": (
        rf"{ASK}(?:{MAIN}|overall|general) colour(?: (?:of|in|at) (?P<region>{REGION}))?{HERE}",
        rf"(?:what|which) colour (?:(?:is|are) (?:the )?{MAIN}(?: one)?|dominates)(?: (?:in )?(?P<region>{REGION}))?{HERE}",
        rf"(?:what|which) colour (?:dominates|covers (?:most of )?|is most of) {THIS}",
        rf"(?:what|which) colour (?:is|are) (?:this|(?:the |this ){PICTURE}|(?P<region>{REGION})){HERE}",
        rf"{ASK}colour (?:of|in|at) (?:(?:the |this ){PICTURE}|(?P<region>{REGION}){HERE})",
        rf"(?:what|which) colour (?:are|are there|can be seen|(?:is|are) (?:visible|found|present)|do you see)(?: in (?P<region>{REGION}))?{HERE}",
        rf"(?:what|which) colour is (?:this|{THIS}) {MOSTLY}",
        rf"(?:what|which) colour does {THIS} (?:have|show|contain)",
        rf"(?:what|which) colour (?:is|are) (?P<covers>{_COLOURED}){HERE}",
        rf"(?:what|which) colour (?:does|do) (?P<covers>{_COLOURED}) have{HERE}",
        rf"{ASK}colour of (?P<covers>{_COLOURED}){HERE}",
    ),
    "ship_count": (
        rf"how many {SHIPS} (?:are (?:there|visible)|can (?:you|be) (?:see|seen)){AT_SEA}",
        rf"how many {SHIPS} are(?:{SEA})",
        rf"how many {SHIPS} do you see{AT_SEA}",
        rf"(?:what is )?(?:the )?number of {SHIPS}{AT_SEA}",
        rf"count (?:all )?(?:of )?(?:the )?{SHIPS}(?: visible)?{AT_SEA}",
        rf"how many {SHIPS}",
    ),
    "ship_presence": (
        rf"are there (?:any )?{SHIPS}(?: (?:visible|present))?{AT_SEA}",
        rf"are (?:any )?{SHIPS} (?:visible|present){AT_SEA}",
        rf"(?:is there|(?:can|do) you see|does {THIS} (?:show|contain)) (?:an?|any) {SHIP}{AT_SEA}",
        rf"(?:can|do) you see (?:any )?{SHIPS}{AT_SEA}",
        rf"(?:does|do) {IT} (?:show|contain) (?:any )?{SHIPS}",
        rf"any {SHIPS}(?: visible)?{AT_SEA}",
    ),
    "scene": (
        rf"what {SORT} of {SITE} (?:is (?:this|it|shown)|does {THIS} show){HERE}",
        rf"what {SITE} (?:is this|is shown|does {THIS} show){HERE}",
        rf"what {SORT} of {SITE} (?:can be seen|(?:do|can) (?:you|we) see|is visible|are we looking at|am i looking at){HERE}",
        rf"(?:what|which) {CLASSES} (?:is {THIS}(?: in)?|does {THIS} (?:belong to|show|have|fall into))",
        rf"what is the land[- ]use{HERE}",
        rf"(?:what|which) ?{CLASSES} (?:would|do) you (?:assign to|give|see in) {IT}",
        rf"how would you (?:classify|categori[sz]e) {IT}",
        rf"which {SORT} of {SITE} is (?:this|it|shown){HERE}",
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
    "is_scene": (rf"(?:{_SURE_SCENE}) (?:an? )?(?P<options>{SCENE}|{SCENES})(?: scene)?",),
    "settlement": (
        (
            rf"is (?:{IT}|the area|this area)(?: in)? (?:an? )?(?:rural|urban)(?: area)? or"
            r" (?:an? )?(?:urban|rural)(?: area| scene| region| setting)?"
        ),
        (
            rf"is (?:{IT}|the area|this area|this (?:place|region|site))(?: in)? (?:an? )?(?P<options>rural|urban)"
            r"(?: area| scene| region| setting)?"
        ),
        r"(?:rural or urban|urban or rural)",
        (
            rf"does {THIS} show an? (?:rural(?: area)? or (?:an? )?urban|urban(?: area)? or (?:a )?rural)"
            r"(?: area| scene| region)?"
        ),
        (
            rf"(?:would you (?:call|say)|does|is) (?:{IT}|(?:the|this) (?:area|place|region))"
            r"(?: (?:is|looks?|more|rather|better described as))* (?:an? )?(?:rural(?: area)? or (?:more )?(?:an? )?urban|urban(?: area)? or (?:more )?(?:an? )?rural)"
            r"(?: area| scene| region| setting| place)?"
        ),
        rf"would you (?:describe|classify) (?:{IT}|the area|this area) as (?P<options>rural|urban)",
        rf"does (?:{IT}|the area|this (?:area|place)) look (?P<options>rural|urban)",
    ),
    "description": (
        (
            rf"(?:describe|caption|summari[sz]e) (?:what {THIS} shows|{THIS}|this|it)(?P<long> in (?:great |more |full )?"
            r"detail)?(?: briefly| in (?:one|a|two|a few|one or two)(?: short)? (?:sentences?|words|lines)| in short)?"
        ),
        (
            rf"(?:(?:give|write|generate|provide)(?: me)? )?(?:a |an )?(?P<long>detailed |long )?"
            rf"(?:short |brief )?(?:caption|description|summary|overview)(?: (?:of|for) {THIS})?"
        ),
        rf"what (?:do you see|can you see|can be seen|is visible|is shown){HERE}",
        rf"what is (?:in {THIS}|here)",
        rf"(?:explain|say|tell) what (?:{THIS}|it) (?:shows|depicts|contains)",
        rf"what does (?:{THIS}|it) (?:show|depict|contain)",
        rf"(?:(?:tell me )?about|what can you (?:say|tell me) about) {THIS}(?P<long> in detail)?",
        r"what (?:am i|are we) (?:looking at|seeing)(?: here)?",
        rf"what is (?:this|this an? {PICTURE} of)",
        r"describe what (?:you see|you can see|is visible|is shown|can be seen)(?P<long> in detail)?",
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
