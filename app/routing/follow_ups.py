"""Messages that mean something only after another one: "and planes?", "make it shorter"."""

from __future__ import annotations

import re
from typing import Literal

from app.routing.words import Clause

FollowUp = Literal["again", "instead", "reworded", "reason", "answer"]

_AGAIN = re.compile(
    r"^\W*(?:(?:and|but|hm+|no|oh|wait)\W+)?(?:are you (?:really |quite "
    r"|absolutely )?(?:sure|certain|positive)"
    r"|really|sure|is (?:that|this|it) (?:right|correct|true|so|accurate)|(?:double.?"
    r"|re.?)check(?: (?:it|that|this))?"
    r"|check (?:again|it)|(?:try|count|look|do it|once|go|answer|say it) (?:again"
    r"|once more)|again|one more time|recount"
    r"|that (?:is|seems|looks|can not be) (?:wrong|not right|incorrect|right|off)"
    r"|that's (?:wrong|not right)|wrong|elaborate"
    r"|go on|continue|more|say more|tell me more|(?:i )?(?:do not|don't) think so"
    r"|prove it|explain(?: that| it| yourself| your answer)?"
    r"|¿?(?:estás? segur[oa]|seguro)|(?:tu es |vous êtes )?s[uû]re?"
    r"|bist du (?:dir )?sicher|sicher|wirklich|sei sicuro"
    r"|tem certeza|weet je het zeker|ты уверен\w*|точно|确定吗|你确定吗|真的吗|本当(?:に"
    r"|ですか)?|確か(?:ですか)?|확실해\w*|정말(?:요)?|هل أنت متأكد"
    r"|kya aap sure|sach(?: me| mein)?|पक्का|apa kamu yakin|yakin|emin misin)\b.{0,25}$"
)
_INSTEAD = re.compile(
    r"^\W*(?:(?:no|ok(?:ay)?|sorry|well)\W+)?(?:and|what about|how about|what of|but"
    r"|also|only|just|now|or|same (?:for|with|question)"
    r"|(?:no,? )?i (?:meant|mean)|not|instead|in|on|at|for|near|excluding|including"
    r"|without|except|the|those|these|that|this|any other"
    r"|¿?y|et|und|e|en|и|а|dan|ve|aur|और|و|那|还有|那么|では|じゃあ|그럼|그리고|kalau"
    r"|peki)\b.{1,120}$"
    r"|^\W*(?:那|还有|那么|では|じゃあ|그럼|그리고|और|और फिर|و).{1,40}$|.{1,20}呢[？?]?$"
    r"|^[^?]{1,40}は[？?]$"
)
_REWORDED = re.compile(
    r"^\W*(?:(?:that|it) (?:is|was) )?(?:much |way |a bit )?too (?:long|short|detailed|technical"
    r"|vague"
    r"|complicated|formal)\b"
    r"|\b(?:shorter|longer|briefer|brief|simpler|simplify|shorten|expand|rephrase|reword"
    r"|rewrite|paraphrase|bullets?|bullet points?"
    r"|more (?:details?|detailed|specific|concise|precise|formal|words|information)"
    r"|less (?:detail|detailed|formal|technical|words)|concise"
    r"|one sentence|(?:in|to|into) (?:\w+ )?(?:english|french|german|spanish|hindi"
    r"|italian|portuguese|dutch|russian|chinese|japanese|korean"
    r"|arabic|turkish|indonesian|words?|sentences?|paragraphs?|detail)"
    r"|for (?:an? )?(?:child|kid|expert|\d.year.old|beginner)|as (?:json|a list|a table)"
    r"|translate (?:it|that|this)|summari[sz]e (?:it|that)|make it (?:a |more |less "
    r"|short|long|simpl|sound)|m[aá]s corto|plus court|kürzer|más detalles?"
    r"|plus de détails?|ausführlicher|genauer"
    r"|короче|подробнее|更短|短一点|详细|短く|詳しく|짧게|자세히|chhota|lebih (?:singkat"
    r"|pendek|detail)|daha kısa)"
)
_REASON = re.compile(
    r"^\W*(?:(?:but|and|so)\W+)?(?:why|how (?:so|come|do you know|can you tell|did you)"
    r"|because\?|what makes you|on what basis|based on what"
    r"|¿?por qu[eé]|pourquoi|warum|wieso|perch[eé]|waarom|почему|为什么|なぜ|왜|क्यों"
    r"|لماذا|mengapa|kenapa|neden|kyon)\b.{0,40}$"
)
_ANSWER = re.compile(
    r"^\W*in (?:hectares?|ha|acres?|km2|km²|m2|m²|square \w+|sq\.? \w+|percent|met(?:er"
    r"|re)s?|kilomet(?:er|re)s?|miles|feet)\W*$"
)


def follow_up(clause: Clause) -> FollowUp | None:
    """How a clause leans on what was asked before, or None where it does not."""
    text = clause.text
    if _ANSWER.search(text):
        return "answer"
    if _REASON.search(text):
        return "reason"
    if _AGAIN.search(text):
        return "again"
    short = 14
    if len(text.split()) <= short and _REWORDED.search(text):
        return "reworded"
    return "instead" if _INSTEAD.search(text) else None
