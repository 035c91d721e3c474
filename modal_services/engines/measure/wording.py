"""Brings a message's wording to the one that the sentence forms know.

Nothing here drops a word that carries meaning: what goes are politeness, the frame around a
question ("do you know whether ...", "in this image, ...") and the ways to write the same word.
"""

from __future__ import annotations

import re

from modal_services.engines.measure.sentence_parts import PICTURE, THIS

_POSSESSIVE = (
    rf"\b((?:the|this) (?:{PICTURE}|file|water|vegetation))'s (?!in\b)([\w -]+?)"
    r"(?= in pixels| of |[,.?!]|$)"
)
_VISIBLE = (
    "to be seen|to be found|detectable|discernible|recogni[sz]able|apparent|in sight|noticeable"
    "|depicted"
)
# One way to write what is written in several; the later lines read what the earlier ones wrote.
_SAME = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"[’ʼ`]", "'"),
        (r"\b(what|there|where|when|that|it)'(?:s|re)\b", r"\1 is"),
        (r"\bi'(?:d|m)\b", "i would"),
        (_POSSESSIVE, r"the \2 of \1"),
        (r"\bnear[- ]ir\b", "near-infrared"),
        (r"\bcolou?rs?\b", "colour"),
        (r"\bportion\b", "share"),
        (r"\b(share|fraction|percentage|proportion)s\b", r"\1"),
        (r"\bwhat amount of (?=the|this)", "what share of "),
        (r"\bhow (?:big|large) an? (?:share|part) of\b", "what share of"),
        (r"\bin here\b", "here"),
        (r"\bhow many percent\b", "what percentage"),
        (r"\bto what extent is (.+?) covered\b", r"how much of \1 is covered"),
        (r"\b(?:do we have|have we got)\b", "is there"),
        (rf"\b(?:{_VISIBLE})\b", "visible"),
        (r"\bvisible (?:from (?:above|space|the air))\b", "visible"),
        (r"\bprevails?\b", "dominates"),
        (r"\bdominate\b", "dominates"),
        (r"\bmost dominant\b", "dominant"),
        (r"\b(is|are) there (any |some |an? )?visible\b", r"\1 there \2"),
        (r"\bshows? up\b", "appear"),
        (r"\bnotice\b", "see"),
        (r"\b(?:widespread|abundant|prevalent)\b", "common"),
        (r"\b(?:greater|higher) (?=than\b|or\b|here\b)", "larger "),
        (r"\bis greater\b", "is larger"),
        (r"\bmakes? up\b", "covers"),
        (r"\bthis (?:one|place|site)\b(?! shown)", "this"),
    )
)  # fmt: skip
_ASK_FOR = r"(?:whether|if|how|what|which|when|where)\b"
_POLITE = re.compile(
    r"\b(?:please|kindly|roughly|approximately|about(?= how)"
    r"|(?<!how )(?<!what )(?<!class )(?:can|could|would|will) you (?!"
    r"(?:see|detect|spot|identify|make out|observe|recogni[sz]e|find|call|say"
    r"|tell me (?:anything )?about)\b)"
    rf"(?:tell me (?!about )|(?:say|check|determine|find out|estimate) (?={_ASK_FOR}))?"
    r"|tell me(?! about)|hello|hi|hey|thanks|thank you|also|for me$)\b ?"
)
_FRAME = re.compile(
    r"^(?:(?:do you know|let me know|i (?:want|need|would like|would love|wish|am trying|would"
    r" trying) to (?:know|find out|see)|i (?:am )?(?:would )?wonder(?:ing)?|(?:check|determine"
    r"|find out|verify|say|estimate|measure|calculate|state|report|work out))"
    rf"(?= {_ASK_FOR})"
    rf"|(?:in|from|looking at|based on|for) (?:{THIS}|this one|this),?(?= \w+ ))\W*"
)
_INDIRECT = re.compile(
    r"^(?:whether|if|(?:would you say|do you think|confirm|can you confirm)(?: that)?) (?:"
    r"(it|this|there|(?:the|this) (?:image|scene|picture|area)) (is|are|has|shows|contains)"
    r"|([\w -]{3,30}?) (is|are) (?=visible|present))\b"
)
_HAS = {"has": "have", "shows": "show", "contains": "contain"}
_STARTS = re.compile(r"^(?:and|then|but|so)[, ]+")


def same_words(message: str) -> str:
    """Lower case, and one way to write what is written in several."""
    text = message.lower()
    for pattern, instead in _SAME:
        text = pattern.sub(instead, text)
    return text


def plain(text: str) -> str:
    """Without polite words, the frame around a question and closing marks."""
    words = " ".join(text.split()).strip(" .?!,;")
    words = " ".join(_POLITE.sub("", words).split()).strip(" ,")
    words = _FRAME.sub("", _STARTS.sub("", words))
    return _INDIRECT.sub(_as_question, words)


def _as_question(match: re.Match[str]) -> str:
    who, verb, cover, is_there = match.groups()
    if who and verb in _HAS:
        return f"does {who} {_HAS[verb]}"
    return f"{verb} {who}" if who else f"{is_there} {cover} "
