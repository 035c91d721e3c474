"""Yes or no in a model's words, in the languages that questions come in."""

from __future__ import annotations

import re

_YES = (
    r"yes|yeah|yep|yup|correct|true|indeed|affirmative|certainly|definitely|sí|si|oui|ja|jawohl"
    r"|sim|sì|да|हाँ|हां|जी हाँ|haan|evet|ya|是的?|有的?|对|はい|ええ|네|예|نعم"
)
_NO = (
    r"no|nope|nah|false|incorrect|negative|non|nein|não|nao|nee|нет|नहीं|nahi|nahin|hayır|hayir"
    r"|tidak|bukan|不是|没有|沒有|不|否|いいえ|아니요|아니오|아뇨|لا"
)
# What stands first decides; scripts without spaces have no word boundary to ask for.
_FIRST = re.compile(
    rf"^(?:[\s\W]|1[.)]\s)*(?:well[, ]+|answer:?\s*|the answer is:?\s*|(?:that|this|it)(?:'s| is) "
    rf"(?=(?:in)?correct|true|false))?(?:\*\*)?(?:(?P<no>{_NO})|(?P<yes>{_YES}))(?!\w)",
    re.IGNORECASE,
)
_CJK_FIRST = re.compile(r"^[\s\W]*(?:(?P<no>不是|没有|沒有|不|否|いいえ)|(?P<yes>是|有|对|はい))")
# "Based on the image, no.": what a sentence comes to stands last.
_LAST = re.compile(
    rf"[,:]\s*(?:so\s+)?(?:the answer is\s+)?(?:(?P<no>{_NO})|(?P<yes>{_YES}))\W*$", re.I
)
_HEDGED = re.compile(r"\b(?:probabl[ey]|likely|perhaps|may|might|could)\b", re.IGNORECASE)
_NEITHER = re.compile(
    r"\W*(?:no (?:idea|way (?:to|of)|clue|information|doubt|problem)\b|no\. ?\d|yes (?:and"
    r"|or) no\b|yes ?/ ?no\b)",
    re.IGNORECASE,
)
_SPAN = r"(?:\w+[ ,]+){0,4}?"
_UNSURE = re.compile(
    r"\b(?:i (?:can ?not|can't|could not|couldn't|am unable to|am not able to)|unable to|"
    r"(?:it is|it's) (?:not possible|impossible|unclear|hard to (?:say|tell)|difficult to)|"
    r"not sure|unclear|uncertain|cannot be (?:determined|told)|(?:i )?(?:don't|do not) know|"
    r"not applicable|unknown|no se puede|impossible de|nicht (?:erkennbar|möglich|sicher)|maybe"
    r"|perhaps|possibly)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:i (?:do not|don't) (?:think|believe|see|find|notice|observe)|"
    rf"(?:there|it|this|that|they|these|those|which|he|she|the {_SPAN}\w+|\w+s) "
    r"(?:is|are|does|do|has|have|was|were|appears?|seems?)(?: \w+)?(?: not|n't| no\b(?! doubt))|"
    r"(?:isn't|aren't|doesn't|don't|hasn't|haven't|not (?:visible|present|seen|any))|"
    r"none\b|(?:be|see|find|shows?|contains?|has|have|is|are) no\b(?! doubt)|"
    r"no (?:\w+ ){1,3}(?:is|are|was|were|can be) (?:present|visible|seen|found|detected|shown)|"
    r"no (?:visible|obvious|clear|apparent|sign|evidence|such)|neither|never|without any)",
    re.IGNORECASE,
)
_AFFIRMED = re.compile(
    r"\b(?:i (?:think|believe) so|(?:there|it|this|that|they|these|those) "
    r"(?:is|are|does|do|has|have|appears?|seems?)|i (?:can |do )?(?:see|find|notice|observe)|"
    rf"the {_SPAN}(?:is|are|has|have|contains?|shows?))\b",
    re.IGNORECASE,
)


def yes_or_no(text: str) -> bool | None:
    """Whether the words say yes or no; None where they say neither, or that it cannot be told."""
    first = _FIRST.search(text) or _CJK_FIRST.search(text)
    sentence = re.split(r"(?<=[.!?。])\s", text.strip(), maxsplit=1)[0]
    if first:
        return None if _NEITHER.match(text) else first["yes"] is not None
    if _UNSURE.search(sentence):
        return None
    if last := _LAST.search(sentence):
        return None if _HEDGED.search(sentence) else last["yes"] is not None
    if re.match(r"\W*not? \w", sentence, re.IGNORECASE) or _DENIED.search(sentence):
        return False
    return True if _AFFIRMED.search(sentence) else None


def says_unsure(text: str) -> bool:
    """Whether the words begin by saying that it cannot be told, or is not to be seen."""
    sentence = re.split(r"(?<=[.!?。])\s", text.strip(), maxsplit=1)[0]
    unseen = re.match(r"\W*(?:(?:it is |it's )?not (?:visible|shown|clear)|n/a)\b", sentence, re.I)
    return unseen is not None or _UNSURE.search(sentence) is not None


def is_yes_or_no(token: str) -> bool | None:
    """Whether a token is one of the words for yes or no."""
    word = token.strip(" \t\n.,!*:;\"'▁Ġ").lower()
    if re.fullmatch(_NO, word, re.IGNORECASE):
        return False
    return True if word and re.fullmatch(_YES, word, re.IGNORECASE) else None
