"""Questions about the image: alternatives, yes-or-no, counts, and open ones."""

from __future__ import annotations

from app.routing.domain import SEEN_FROM_ABOVE
from app.routing.measurements import MEASUREMENTS
from app.routing.rule import Rule, Table
from app.routing.words import BE, SCENE, THIS_SCENE

_CHOICE = Table("alternatives", "vqa", "general")
_YESNO = Table("yes or no", "vqa", "yesno")
_COUNT = Table("count", "vqa", "counting")
_OPEN = Table("open question", "vqa", "general")

_THERE = rf"^{BE}(?: not)? (?:there|any)\b"
ALTERNATIVES: tuple[Rule, ...] = (
    _COUNT.rule(
        "numbers to choose from",
        rf"^{BE}\b.{{0,40}}\b(?:one|two|three|four|five|six|\d+) or (?:one|two|three"
        r"|four|five|six|seven|more|\d+)\b(?! (?:more|less))",
        "count",
        unless=r"\bor more\b|\bor less\b",
    ),
    _CHOICE.rule(
        "alternatives",
        rf"^{BE}\b.{{1,160}}\bor (?!not?\b|nah\b|nope\b|so\b|more\b|less\b|fewer\b|any\b|anything\b"
        r"|something\b|otherwise\b|near\b|next\b)\w",
        "choice",
        unless=rf"{_THERE}(?!.{{0,80}}\b(?:more|fewer|less)\b.{{0,60}}\bor (?:more|fewer)\b)"
        rf"|^{BE}(?: not)? (?:the|this|that|it|an?|we|you"
        r"|i)?\s*(?:[\w-]+ ){0,3}(?:contain|have|has|show|include|see|spot|feature"
        rf"|depict|detect|find|notice|affected|damaged)s?\b"
        r"|\b(?:present|visible|seen|found|observed|detected|greater|larger|smaller"
        r"|bigger|more|less|fewer) or\b"
        r"|\bor [\w -]{1,40}\b(?:present|visible|be seen|seen|detected"
        r"|found)\W*(?:in .*|here|on .*)?$|\bor (?:on|in|at|by) the (?:side|edge)\b",
    ),
    _CHOICE.rule(
        "alternatives, in a sentence",
        r"\b(?:if|whether) (?:it|this|that|they|these|the [\w -]{1,30}?) (?:is|are|was|looks?"
        r"|seems?)\b.{1,80}\bor (?!not\b|any\b|more\b|less\b|fewer\b|so\b|on\b|in\b|near\b)\w",
        "choice",
        unless=r"\b(?:present|visible|seen|there)\b|\byes or no\b",
        whole=True,
    ),
    _CHOICE.rule(
        "a choice",
        r"^(?!what|how|where|why|describe|list|find"
        r"|count)[\w-]+(?: [\w-]+){0,2} or (?:an? )?[\w-]+(?: [\w-]+)?\W*\?\W*$"
        r"|\b(?:type|kind|class|category|which)\b.{0,60}\bor\b",
        "choice",
        unless=rf"^(?:any|no|is|are)\b|\byes or no\b|^{BE}\b|\bor not\b",
    ),
)

COUNTS: tuple[Rule, ...] = (
    _COUNT.rule(
        "how many",
        r"\bhow many\b|\bhowmany\b|\bhow much (?:\w+ ){0,2}(?:ships|cars|buildings|trees"
        r"|planes|houses"
        r"|boats|vehicles|people)\b",
        "count",
    ),
)

YES_NO: tuple[Rule, ...] = (
    _YESNO.rule(
        "a comparison",
        rf"^{BE}\b.{{0,120}}\b(?:more|less|fewer|greater|equal|same (?:number|amount|size"
        r"|area)|as many|as much|outnumber\w*"
        r"|exceed\w*|(?:larger|bigger|smaller|longer|shorter|wider|taller|higher|closer"
        r"|denser|older) than)\b",
        "comparison",
    ),
    _YESNO.rule(
        "whether it is there",
        rf"^{BE}(?: not)? (?:there|any)\b|^{BE}\b.{{0,100}}\b(?:present|visible"
        r"|contain\w*|seen|exist\w*|found|detected|include[sd]?"
        r"|appear|observed|have (?:an?|any|some))\b|^(?:see|spot|notice|recogni[sz]e"
        r"|make out) (?:an?|any|some|the)\b"
        rf"|^{BE} (?:you|i|we|one) (?:\w+ )?(?:see|spot|notice|find|detect|make out"
        r"|recogni[sz]e|observe|identify)\b"
        rf"|^(?:no|any) [\w' -]{{1,60}}\?\W*$|^any [\w' -]{{1,40}}$|^(?!{BE}\b|what|which"
        r"|how|where|why|describe)[\w -]{1,50} (?:present|visible|there)\s*\?"
        r"|\b(?:presence|existence|absence) of\b.{0,60}\?|^(?:the )?(?:presence|existence"
        r"|absence) of\b"
        r"|^(?:confirm|verify|check)(?: for| the| that| there)\b"
        r"|^there (?:is|are)\b.{0,80}\?",
        "presence",
        unless=r"^(?:see|spot)\b.{0,60}\band (?:mark|box)\b|^what|^which|^describe the presence"
        r"|^(?:see|spot|notice|recogni[sz]e|make out|check|verify|confirm) (?:an?|any|some"
        r"|the) (?:exact "
        r"|total |main )?(?:types?|kinds?|classe?s?|species|colors?|number|count)\b",
    ),
    _YESNO.rule(
        "yes or no",
        rf"^{BE}(?: not)? (?!you\b)\w|^(?:whether|that there)\b|^{BE} you (?:sure|certain"
        r"|think|believe|say|agree|confident)\b"
        r"|,? (?:right|correct)\s*\?\W*$|, (?:(?:is|are|does|do|did|has|have|was|were|can|could"
        r"|will|would)(?: not)? (?:it"
        r"|they|there|he|she|that|this|you|we|one)|yes|no|true|eh|huh|innit|(?:isn|aren"
        r"|doesn)'t (?:it|they"
        r"|there))\s*\?\W*$"
        r"|^(?:true or false|true ?/ ?false|yes or no|yes ?/ ?no)\b|^(?:check|verify|confirm"
        r"|determine|decide|see"
        r"|detect|tell me) (?:if|whether|that)\b"
        r"|^(?:sure|really)\s*\?|^(?:confirm|verify)(?: (?:it|this|that))?\W*$",
        "attribute",
    ),
    _YESNO.rule(
        "whether, in a sentence",
        r"\b(?:know|check|verify|confirm|determine|decide|see|detect|tell me|say"
        r"|find out|figure out|curious|wonder\w*|ask(?:ing)?)"
        r" (?:if|whether)\b|^(?:would|do|could) you (?:say|think|consider|call|agree"
        r"|believe)\b(?! what| how| which)",
        "attribute",
        whole=True,
    ),
    _YESNO.rule(
        "only whether",
        r"^any(?:body|one|thing)\b(?! (?:interesting|unusual|notable|special|noteworthy|else"
        r"|remarkable)).{1,60}\?"
        r"|^(?:just|only|simply) (?:tell me )?(?:if|whether) (?:there|it|this|that|they|any|the)\b",
        "presence",
        whole=True,
    ),
)

NUMBERS: tuple[Rule, ...] = (
    _COUNT.rule(
        "a number of things",
        r"^(?:re)?count(?:ing)?\b|^(?:tally|enumerate|quantify|number)\b|\b(?:numbers?|counts?"
        r"|tally|headcount) (?:of|for)\b"
        r"|\b(?:total|amount|quantity|no\.?|nr\.?|#) of\b|\btotal (?:\w+ ){0,2}count\b"
        r"|\bcount (?:the|all|every|each|how"
        r"|up|them|cars|ships|trees|houses|buildings|boats|planes|people|vehicles)\b"
        r"|^(?:what is the )?(?:[\w-]+ ){1,3}count(?: please| in\b.*| on\b.*| only"
        r"| and nothing else)?\W*$"
        r"|\bpopulation\b(?! density)|^total [\w ]{1,30}\?",
        "count",
        unless=r"\bcount(?:s|ed|ing)? as\b|\bper(?:cent)?\b.*\barea\b",
    ),
)

OPEN: tuple[Rule, ...] = (
    _OPEN.rule(
        "a color",
        r"^(?:what|which|name|list|identify|in what|of what|color)\b.{0,60}\bcolors?\b|^colors?\b",
        "color",
    ),
    _OPEN.rule(
        "a shape",
        r"^(?:what|which|identify|in what|shape)\b.{0,30}\bshapes?\b|^shape of\b",
        "shape",
    ),
    _OPEN.rule(
        "a direction",
        r"\b(?:direction|orientation|facing|heading|oriented|headed|pointing|flow(?:s"
        r"|ing)?)\b|^which way\b"
        r"|\bnorth.south\b",
        "direction",
        unless=r"^(?:why|how many|describe)\b",
    ),
    _OPEN.rule(
        "a position",
        r"^(?:where|whereabouts)\b|\b(?:on|in|at) (?:which|what) (?:side|part|corner"
        r"|half|quadrant|area|position|region|section|edge)\b"
        r"|^(?:which|what) (?:side|corner|part|half|quadrant|position|edge)\b"
        r"|\b(?:position|location) of\b"
        r"|\b(?:situated|located|positioned)\b(?=\W*$)|^(?:what is "
        r"|give )?the (?:position|location)\b",
        "position",
    ),
    _OPEN.rule(
        "a size",
        r"^(?:what|which)\b.{0,80}\b(?:largest|biggest|smallest|longest|tallest|widest"
        r"|larger|bigger|smaller|longer|taller|wider)\b",
        "size",
        unless=r"^what (?:type|kind|is the (?:class|category|color|purpose))\b|^which side\b",
    ),
    _OPEN.rule(
        "a scene",
        r"\b(?:rural|urban|seasons?|climate|time of (?:day|year)|scene (?:type|class"
        r"|category)|type of (?:scene|area|place|region|landscape"
        r"|environment|terrain)|(?:kind|sort) of (?:scene|area|place|region|landscape"
        r"|environment|terrain)|land.?use|terrain"
        r"|which (?:country|city|continent|state|region|place|biome)|what (?:country"
        r"|city|continent|place|region|biome|season)"
        r"|location type|theme of)\b|^(?:identify|classify|categori[sz]e"
        rf"|recogni[sz]e)\b.{{0,40}}\b(?:{SCENE}|class|place)\b"
        rf"|\b(?:class|category|type) of (?:the |this )?(?:{SCENE})\b"
        r"|^what (?:is )?(?:this|the) (?:place|area|location)\b"
        r"|^(?:guess|name|identify|determine|tell me|infer|give me|say)\b.{0,20}"
        r"\b(?:country|continent|city|place|location|region|biome|season)\b",
        "scene",
        unless=r"^(?:why|how (?:would|should|could))\b|^describe",
    ),
    _OPEN.rule(
        "a reason or a judgement",
        r"^(?:why|how|assess|evaluate|judge|analy[sz]e|suggest|discuss|infer|predict"
        r"|rank|rate|explain|interpret|deduce|reason|give reasons?"
        r"|propose|recommend|compare|estimate the (?:risk|damage|age|value))\b"
        r"|\b(?:purpose|reasons?|likely|might|suggests?|should"
        r"|would|evidence|suitable|vulnerable|risk|implications?|needs?|future"
        r"|cause[sd]?|function|used for|indicat\w+|relationship|pattern"
        r"|situations?|suggestions?)\b",
        "reasoning",
    ),
    _OPEN.rule(
        "a kind of thing",
        r"^(?:what|which|name|identify|classify|recogni[sz]e|categori[sz]e|label|list"
        r"|tell me|read|distinguish|specify)\b"
        r"|\b(?:types?|kinds?|category|categories|class|species|materials?) of\b"
        r"|\bdominant\b|\bland.?cover\b",
        "category",
    ),
    _OPEN.rule(
        "an open question",
        rf"^(?:whose|when|who|whom)\b|^(?:give|provide|show|say|tell)\b|\b{THIS_SCENE}\b"
        rf"|\b{SEEN_FROM_ABOVE}\b.{{0,200}}\?\W*$|^\w+\?$",
        unless=r"^(?:in|on|from|for|using|with|at|about|if)\b[^?]*$",
    ),
)
CLOSED: tuple[Rule, ...] = (
    *MEASUREMENTS,
    *ALTERNATIVES,
    *COUNTS,
    *YES_NO,
    *NUMBERS,
)
