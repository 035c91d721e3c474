"""The sentence forms of what covers the ground: whether, how much, how large, which is more."""
# ruff: noqa: E501 - a form is read as one line

from __future__ import annotations

from collections.abc import Mapping

from modal_services.engines.measure.intents import Kind
from modal_services.engines.measure.sentence_parts import (
    ASK,
    COVERED,
    COVERS_IT,
    GIVE,
    HERE,
    IT,
    LAND_COVER,
    LARGEST,
    MAIN,
    MOSTLY,
    SHARE,
    SORT,
    THIS,
    WHOLE,
)
from modal_services.engines.measure.vocabulary import COVERS, ONE_COVER, UNIT

# "Which part is water?" may ask for a place; "what part of the image is water?" asks how much.
_WHAT_SHARE = rf"(?:(?:what|which|what is the|what percent|{GIVE}) {SHARE}|what part)"
_IN_PERCENT = r"(?: (?:in|as) (?:percent(?:age)?|%|a percentage))?"
_IN_UNIT = rf"(?: in (?P<unit>{UNIT}))?"
_COVER_NOUN = r"(?:vegetation|water|cloud|snow|built[- ]?up|green) cover"
_SEEN = r"(?:see|detect|spot|identify|make out|observe|recogni[sz]e|find)"
_BIGGER = (
    r"(?P<more>larger|bigger|greater|more extensive|more common|smaller|less extensive|less common)"
)

COVER_FORMS: Mapping[Kind, tuple[str, ...]] = {
    "dominant_cover": (
        rf"{ASK}{LARGEST} {LAND_COVER}(?: of {THIS})?{HERE}",
        rf"(?:what|which) (?:{LAND_COVER} )?(?:covers|takes up|dominates|makes up) (?:(?:most|the (?:most|largest (?:part|share))) of )?{THIS}",
        rf"(?:what|which) {LAND_COVER} (?:dominates|is (?:the )?{LARGEST}|covers (?:the )?most){HERE}",
        rf"what is (?:{WHOLE}|most of {WHOLE}) (?:{MOSTLY} )?covered (?:by|with|in)",
        rf"what does {THIS} {MOSTLY} (?:consist of|show)",
        rf"what is {THIS} {MOSTLY} (?:made up of|made of|composed of)",
        rf"what {SORT} of {LAND_COVER} (?:is (?:this|it|shown)|does {THIS} show|dominates|is {LARGEST}){HERE}",
    ),
    "share": (
        rf"how much (?:of )?{WHOLE} (?:is|are) {COVERED}(?P<covers>{COVERS}){_IN_PERCENT}",
        rf"how much (?:of it )?is {COVERED}(?P<covers>{COVERS})",
        rf"how much of {WHOLE} (?:does|do) (?P<covers>{COVERS}) {COVERS_IT}{_IN_PERCENT}",
        rf"how much (?:area )?(?:does|do) (?P<covers>{COVERS}) {COVERS_IT}{_IN_PERCENT}",
        rf"how much (?P<covers>{COVERS}) (?:is|are) (?:there|visible|present|shown){HERE}{_IN_PERCENT}",
        rf"how much (?P<covers>{COVERS}) (?:do|can) you see{HERE}",
        rf"how much (?P<covers>{COVERS}) does {IT} (?:have|show|contain)",
        rf"{_WHAT_SHARE}(?: of {WHOLE})? (?:is|are) {COVERED}(?P<covers>{COVERS}){HERE}",
        rf"{_WHAT_SHARE} of {WHOLE} (?:does|do) (?P<covers>{COVERS}) {COVERS_IT}",
        rf"(?P<covers>{ONE_COVER}) (?:accounts for|covers) (?:what|which) {SHARE} of {WHOLE}",
        rf"(?:what|which) {SHARE} of (?P<covers>{COVERS}) (?:is|are) there{HERE}",
        rf"{ASK}{SHARE} of (?P<covers>{COVERS}){HERE}",
        rf"{ASK}{SHARE} of {WHOLE} (?:that is |which is )?(?:covered (?:by|with|in) |(?<=is ))(?P<covers>{COVERS})",
        rf"{ASK}(?P<covers>{COVERS}) (?:{SHARE}|coverage){HERE}{_IN_PERCENT}",
        rf"(?:what is the|{GIVE}) ?(?P<covers>{_COVER_NOUN}){HERE}{_IN_PERCENT}",
        rf"(?P<covers>{_COVER_NOUN}) (?:in|as) (?:percent|%)",
    ),
    "presence": (
        rf"(?:is|are) there (?P<covers>{COVERS})(?: (?:visible|present|to be seen))?{HERE}",
        rf"(?:is|are) (?P<covers>{COVERS}) (?:visible|present|there|seen|shown){HERE}",
        rf"(?:does|do) {IT} (?:contain|show|have|include|feature) (?P<covers>{COVERS})",
        rf"(?:can|do|could) (?:you|i|we) {_SEEN} (?P<covers>{COVERS}){HERE}",
        rf"can (?P<covers>{COVERS}) be (?:seen|detected|found|identified){HERE}",
        rf"(?:any )?(?P<covers>{COVERS}) (?:visible|present){HERE}",
        rf"any (?P<covers>{COVERS}){HERE}",
        rf"(?:does|do) (?P<covers>{COVERS}) (?:appear|occur|exist){HERE}",
        rf"is (?:any|some|part|any part) of {WHOLE} {COVERED}(?P<covers>{ONE_COVER})",
        rf"is (?P<covers>any water|any vegetation){HERE}",
        rf"is {WHOLE} (?P<covers>vegetated|built[- ]?up)",
        rf"is {IT} (?P<covers>cloudy|clouded|snowy)",
    ),
    "mostly": (
        rf"is {WHOLE} {MOSTLY} {COVERED}(?P<covers>{ONE_COVER})",
        rf"is {IT} {MOSTLY} {COVERED}(?P<covers>{ONE_COVER})",
        rf"(?:is|does) (?:most|the majority|more than half|over half) of {WHOLE} (?:is )?{COVERED}(?P<covers>{ONE_COVER})",
        rf"is {WHOLE} (?P<options>dominated) by (?P<covers>{ONE_COVER})",
        rf"(?:does|do) (?P<covers>{ONE_COVER}) (?P<options>dominates) {WHOLE}",
        rf"is (?P<covers>{ONE_COVER}) the (?P<options>{MAIN}) {LAND_COVER}{HERE}",
        rf"(?:does|do) (?P<covers>{ONE_COVER}) {COVERS_IT} (?:most|the majority|more than half|over half) of {WHOLE}",
    ),
    "area": (
        rf"{ASK}(?:ground )?(?:area|size|extent) (?:covered by|of|under) (?P<covers>{ONE_COVER}){HERE}{_IN_UNIT}",
        rf"(?:what|how much) (?:is )?(?:the )?(?:area|ground) (?:is )?covered (?:by|with) (?P<covers>{ONE_COVER}){HERE}{_IN_UNIT}",
        rf"(?:what|how (?:much|large an|big an)) (?:area|surface|ground) (?:does|do) (?P<covers>{ONE_COVER}) {COVERS_IT}{HERE}{_IN_UNIT}",
        rf"how many (?P<unit>{UNIT}) (?:does|do) (?P<covers>{ONE_COVER}) {COVERS_IT}{HERE}",
        rf"how many (?P<unit>{UNIT}) of (?P<covers>{ONE_COVER})(?: (?:is|are) (?:there|visible|shown))?{HERE}",
        rf"how many (?P<unit>{UNIT}) of {WHOLE} (?:is|are) {COVERED}(?P<covers>{ONE_COVER})",
        rf"how many (?P<unit>{UNIT}) (?:is|are) {COVERED}(?P<covers>{ONE_COVER}){HERE}",
        rf"how (?:large|big|extensive) (?:is|are) the (?P<covers>{ONE_COVER})(?: area)?{HERE}{_IN_UNIT}",
        rf"(?:{GIVE}|what is |)(?:the )?(?P<covers>{ONE_COVER})(?: area)?{HERE} in (?P<unit>{UNIT}){HERE}",
        rf"{ASK}(?P<covers>{ONE_COVER}) area{HERE}{_IN_UNIT}",
        rf"(?:estimate|calculate|measure|compute) the (?P<covers>{ONE_COVER}){HERE}{_IN_UNIT}",
    ),
    "larger": (
        rf"(?:is|are) there (?P<more>more|less) (?P<first>{ONE_COVER}) than (?P<second>{ONE_COVER}){HERE}",
        rf"(?:is|are) there more (?P<first>{ONE_COVER}) or (?:more )?(?P<second>{ONE_COVER}){HERE}",
        rf"is (?P<more>more) of {WHOLE} (?P<first>{ONE_COVER}) than (?P<second>{ONE_COVER})",
        rf"compare (?P<first>{ONE_COVER}) and (?P<second>{ONE_COVER}){HERE}[:,.;] which (?:is (?:larger|more)|covers more)",
        rf"what is there more of{HERE}[,:]? (?P<first>{ONE_COVER}) or (?P<second>{ONE_COVER})",
        (
            r"(?:which|what)(?: (?:one|of the two))? (?:is (?:larger|more(?: common)?|bigger|more extensive|dominant)|(?:covers|takes up) more)"
            rf"(?: of {WHOLE}| area| space| ground)?{HERE}[,:]? (?P<first>{ONE_COVER}) or (?P<second>{ONE_COVER}){HERE}"
        ),
        rf"(?:is|are) (?P<first>{ONE_COVER}) or (?P<second>{ONE_COVER}) (?:larger|bigger|more (?:common|extensive)|dominant){HERE}",
        rf"(?:does|do) (?P<first>{ONE_COVER}) or (?P<second>{ONE_COVER}) cover more(?: of {WHOLE}| area)?",
        rf"(?:does|do) (?P<first>{ONE_COVER}) {COVERS_IT} (?P<more>more|less)(?: of {WHOLE}| area| space| ground| land)? than (?P<second>{ONE_COVER}){HERE}",
        rf"(?:is|are) (?P<first>{ONE_COVER})(?: area)? {_BIGGER} than (?P<second>{ONE_COVER})(?: area)?{HERE}",
        (
            r"which is larger,? (?:the )?(?:area|share|percentage|fraction|proportion) of"
            rf" (?P<first>{ONE_COVER}) or (?:(?:the (?:area|share|percentage|fraction|proportion)|that) of )?(?P<second>{ONE_COVER}){HERE}"
        ),
        (
            rf"is the (?:area|share|percentage|fraction|proportion) of (?P<first>{ONE_COVER})"
            r" (?P<more>larger|bigger|greater|higher|smaller|lower) than"
            rf" (?:(?:the (?:area|share|percentage|fraction|proportion)|that) of )?(?P<second>{ONE_COVER}){HERE}"
        ),
    ),
}
FEWER = frozenset({"less", "smaller", "lower", "less extensive", "less common"})
