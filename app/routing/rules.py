"""Routing by rules that name themselves: the first that matches decides.

The order is the meaning: what is not about the image comes before what is, "how many hectares"
before "how many", alternatives ("rural or urban?") before yes-or-no. Rules look at words only;
nothing in a message (an address, an instruction) is ever acted upon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.state import Route, TaskName, VqaType

UNITS = (
    r"(hectares?|acres?|km2|km²|m2|m²|sq\.? ?(km|m|ft)\b|square (kilo)?met(er|re)s?|met(er|re)s"
    r"|kilomet(er|re)s|miles|feet|percent(age)?|%)"
)
BE = r"(is|are|was|were|do|does|did|has|have|can|could|will|would)"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over the lower-case message, and the route it decides."""

    name: str
    pattern: re.Pattern[str]
    task: TaskName
    vqa_type: VqaType | None = None


def _rule(name: str, pattern: str, task: TaskName, vqa_type: VqaType | None = None) -> Rule:
    return Rule(name, re.compile(pattern), task, vqa_type)


RULES: tuple[Rule, ...] = (
    # Not about the image.
    _rule(
        "instructions to the router",
        r"\b(ignore|disregard|forget)\b.{0,30}\b(instructions?|prompts?|rules)\b.{0,40}"
        r"\b(print|reveal|show)\b|^(ignore|disregard) (all|the|your|previous)\b|you are now\b"
        r"|\bsystem prompt\b|\bdrop table\b",
        "off_topic",
    ),
    _rule(
        "greeting or thanks",
        r"^\W*(hi|hello|hey|good (morning|evening|day)|thanks?|thank you|bye|goodbye|ok(ay)?)\b"
        r"[^?]{0,40}$",
        "off_topic",
    ),
    _rule(
        "about Swath itself",
        r"\b(what|who) (can|are|do) you( do)?\s*\??$|\bhow (do|can) i (install|use|deploy|call)\b"
        r"|^help\W*$|\byour (api|name|price|pricing)\b(?!.*\bhow many\b)",
        "off_topic",
    ),
    _rule(
        "general knowledge",
        r"\bweather\b|\bcapital of\b|\btranslate\b|\bjoke\b|\bpoem\b|\bstock price|\bjupiter\b"
        r"|\bwho (is|was|won|invented)\b|\b(should|where can) i buy\b|\brecipe\b",
        "off_topic",
    ),
    # Image operations that Swath does not have.
    _rule(
        "boxes or places in pixels",
        r"^\W*(please )?(locate|find( all)?|mark|highlight|outline|segment|detect|point (to|out)"
        r"|draw|crop)\b|\b(bbox(es)?|bounding box(es)?|coordinates?|polygons?|masks?)\b"
        r"|\[identify\]",
        "other",
    ),
    _rule(
        "another tool's work",
        r"^\W*(please )?(download|upload|convert|compute|calculate|export|compare with)\b"
        r"|\b(ndvi|ndwi) of\b",
        "other",
    ),
    # "Don't count, just describe" is a description whatever else it mentions.
    _rule("just describe", r"\b(just|only|simply) (describe|caption|summari[sz]e)\b", "captioning"),
    _rule(
        "a description",
        r"^\W*((please|can you|could you|would you) )*(describe|caption|summari[sz]e|depict)\b"
        r"|\b(generate|write|give|provide|produce)\b.{0,40}\b(caption|description|summary|overview"
        r"|report)\b|\bwhat('s| is| do you see| can you see| can be seen)( here| happening| shown)?"
        r"( in| on)?( this| the)?( satellite| aerial)?( image| picture| photo| scene)?\W*$"
        r"|\btell me (about|what)\b|\bdescribe (this|the|it)\b|^describe\b",
        "captioning",
    ),
    # Questions about the image.
    _rule(
        "how much, in a unit",
        rf"\bhow (many|much|long|wide|tall|high|far|deep)\b.*\b{UNITS}|\bin {UNITS}"
        r"|\b(percent(age)?|share|fraction|proportion|coverage)\b",
        "vqa",
        "area",
    ),
    _rule(
        "how large",
        r"\bhow (large|big|long|wide|far|tall|high|much)\b"
        r"|\b(area|length|width|perimeter|extent|size|distance) (of|covered|between)\b",
        "vqa",
        "area",
    ),
    _rule(
        "a choice of alternatives",
        rf"\bor\b.*\?|^\W*{BE}\b.* or \w+\W*$|\b(type|kind)\b.*\bor\b",
        "vqa",
        "general",
    ),
    _rule("a comparison", rf"^\W*{BE}\b.*\b(more|less|fewer|equal|same)\b", "vqa", "yesno"),
    _rule(
        "how many",
        r"\bhow many\b|^\W*((please|can you|could you) )*count\b|\b(number|count|amount) of\b"
        r"|^\W*count the\b",
        "vqa",
        "counting",
    ),
    _rule(
        "yes or no",
        rf"^\W*{BE}(n't)? (not )?(the|there|this|that|these|those|any|a|an|it|\w+s|you sure)\b"
        rf"|^\W*{BE}\b.*\?\W*$|, (right|correct|isn't it|is it)\W*$|^\W*(no|any) [\w ]+\?\W*$",
        "vqa",
        "yesno",
    ),
    _rule(
        "an open question",
        r"^\W*(what|which|where|why|who|how|when|whose)\b|\?\W*$|\bi want to know\b",
        "vqa",
        "general",
    ),
)

OTHER_LANGUAGES: tuple[Rule, ...] = (
    _rule(
        "how many, in another language",
        r"多少|几[个艘架]|何(台|隻|機|本|人)|いくつ|कितन|\bkitne\b|\bberapa\b|\bcombien\b"
        r"|\bwie ?viele?\b|\bcu[aá]nt[oa]s\b|\bquant[oai]s?\b|сколько|كم عدد",
        "vqa",
        "counting",
    ),
    _rule(
        "a description, in another language",
        r"描述|説明して|वर्णन|\bd[eé]cri(s|vez|re)\b|\bbeschreib|\bdescriba\b"
        r"|\bdescribe (la|el|esta|este)\b|\bdescreva\b|опиши",
        "captioning",
    ),
    _rule(
        "boxes, in another language",
        r"^найди|^найти|标出|框出|\bencuentra\b|\btrouve[rz]?\b|\bmarkiere\b",
        "other",
    ),
    _rule(
        "yes or no, in another language",
        r"\by a-t-il\b|\bgibt es\b|^क्या|^هل|\bhay\b.*\?|есть ли|有没有|吗[？?]?$|ありますか",
        "vqa",
        "yesno",
    ),
)


def route(
    query: str,
    *,
    task: TaskName | None = None,
    vqa_type: VqaType | None = None,
) -> Route:
    """What a message asks for, and who decided so.

    Args:
        query: the message; its last 2,000 characters are looked at.
        task: the caller's explicit choice, which wins.
        vqa_type: likewise; alone it means a question.
    """
    if task or vqa_type:
        return _explicit(query, task or "vqa", vqa_type)
    text = " ".join(query[-2000:].lower().split())
    if not any(character.isalnum() for character in text):
        return Route(task="captioning", vqa_type=None, source="rule", rule="no words: a caption")
    for rule in (*OTHER_LANGUAGES, *RULES):
        if rule.pattern.search(text):
            return Route(task=rule.task, vqa_type=rule.vqa_type, source="rule", rule=rule.name)
    return Route(task="vqa", vqa_type="general", source="fallback", rule="no rule matched")


def _explicit(query: str, task: TaskName, vqa_type: VqaType | None) -> Route:
    if task == "vqa" and vqa_type is None:
        vqa_type = route(query)["vqa_type"] or "general"
    kind = vqa_type if task == "vqa" else None
    return Route(task=task, vqa_type=kind, source="explicit", rule="the caller's choice")
