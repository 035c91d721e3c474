"""Reads a question as one of a closed list of intents, or says what it lacks.

A question is understood only when the whole of it matches a sentence form of one intent, polite
words aside. A loose keyword reader answered 49 of 164 real questions, most of them with the
answer to another question ("Are there more buildings than roads?" got a share of water), so
there is no partial match here: every word left over is a refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Intent: TypeAlias = Literal[
    "image_size",
    "colour_mode",
    "dominant_colour",
    "dominant_cover",
    "water_share",
    "vegetation_share",
    "water_presence",
    "vegetation_presence",
    "description",
]
Lack: TypeAlias = Literal[
    "several", "language", "comparison", "count", "area", "place", "plants", "presence", "other"
]

MOST_WORDS = 40  # the longest sentence form is far shorter; the rest is pasted text


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that measurements may answer."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A question that they cannot.

    Attributes:
        lacks: the kind of thing that is missing.
        thing: what the question is about, in its own words, where that is plain; else empty.
    """

    lacks: Lack
    thing: str = ""


Reading: TypeAlias = Understood | NotUnderstood

_PICTURE = r"(?:satellite |aerial |given )?(?:image|picture|photo|photograph|tile|scene)"
_FILE = r"(?:satellite |aerial |given )?(?:image|picture|photo|photograph)"  # not the ground
_THIS = rf"(?:the |this |that )?{_PICTURE}"
_WHOLE = rf"(?:it|this|the (?:whole |entire )?{_PICTURE}|this (?:whole )?{_PICTURE}|this area)"
_HERE = rf"(?: (?:in|on|within) {_THIS}| here| in it)?"
_SHARE = r"(?:share|fraction|percentage|percent|proportion|part)"
_WATER = r"(?:the )?water(?: pixels)?"
_GREEN = r"(?:the )?(?:green )?vegetation"
_MAIN = r"(?:main|dominant|predominant|most common|prevailing)"
_SIZE = r"(?:size|dimensions?)"
_SIDE = r"(?:width|height|width and height)"
_DETAIL = r"(?: in (?:great |more )?detail| briefly)?"
_TEXT = r"(?:short |brief |detailed )?(?:caption|description|summary)"
_COVER = r"(?:land cover|land-cover|landcover|cover|surface cover)(?: type| class)?"


def _share_forms(cover: str) -> tuple[str, ...]:
    return (
        rf"how much (?:of )?{_WHOLE} is (?:covered (?:by|with|in) )?{cover}",
        rf"how much of {_WHOLE} does {cover} (?:cover|take up|occupy)",
        rf"how much {cover} is (?:there|visible){_HERE}",
        rf"(?:what|which|what is the) {_SHARE} of {_WHOLE} is (?:covered (?:by|with|in) )?{cover}",
        rf"what is the {_SHARE} of {cover}{_HERE}",
        rf"what is the {cover} (?:{_SHARE}|coverage|cover){_HERE}",
        rf"(?:the )?{_SHARE} of {cover}{_HERE}",
        rf"{cover} (?:{_SHARE}|coverage){_HERE}",
    )


def _presence_forms(cover: str) -> tuple[str, ...]:
    return (
        rf"is there (?:any )?{cover}(?: visible| present)?{_HERE}",
        rf"is (?:any )?{cover} (?:visible|present|there){_HERE}",
        rf"(?:does|do) {_THIS} (?:contain|show|have|include) (?:any )?{cover}",
        rf"(?:can|do) (?:you|i|we) see (?:any )?{cover}{_HERE}",
        rf"any {cover}(?: visible)?{_HERE}",
    )


FORMS: dict[Intent, tuple[str, ...]] = {
    "image_size": (
        rf"(?:how big|how large|what size) is (?:the |this ){_FILE}(?: in pixels)?",
        rf"what (?:is|are) the (?:image |pixel )?{_SIZE} of (?:the |this ){_FILE}(?: in pixels)?",
        rf"what (?:is|are) the (?:image|picture|pixel) (?:{_SIZE}|resolution)(?: in pixels)?",
        rf"what (?:is|are) the (?:{_SIDE}|{_SIZE}|resolution)(?: of {_THIS})? in pixels",
        rf"what (?:is|are) the {_SIDE} of (?:the |this ){_FILE}",
        rf"how many pixels (?:wide|high|tall) is (?:the |this ){_PICTURE}",
        rf"how (?:wide|high|tall) is (?:the |this ){_FILE}(?: in pixels)?",
        rf"(?:image|picture|pixel) (?:{_SIZE}|resolution)",
    ),
    "colour_mode": (
        rf"is (?:the |this ){_PICTURE} (?:in )?(?:colou?r|gr[ea]yscale|black and white)",
        rf"is (?:the |this ){_PICTURE} (?:in )?colou?r or (?:gr[ea]yscale|black and white)",
        rf"is (?:the |this ){_PICTURE} (?:gr[ea]yscale|black and white) or (?:in )?colou?r",
        rf"is (?:it|this) (?:a |in )?(?:colou?r|gr[ea]yscale)(?: {_PICTURE})?",
        r"is (?:it|this) (?:colou?r or gr[ea]yscale|gr[ea]yscale or colou?r)",
    ),
    "dominant_colour": (
        rf"(?:what|which) is the {_MAIN} colou?r(?: of {_THIS})?{_HERE}",
        rf"(?:what|which) colou?r (?:is {_MAIN}|dominates|is the {_MAIN} one){_HERE}",
        rf"(?:what|which) colou?r dominates {_THIS}",
        rf"{_MAIN} colou?r{_HERE}",
    ),
    "dominant_cover": (
        rf"(?:what|which) is the {_MAIN} {_COVER}(?: of {_THIS})?{_HERE}",
        rf"(?:what|which) (?:{_COVER} )?(?:covers|takes up|dominates) (?:most of )?{_THIS}",
        rf"(?:what|which) {_COVER} (?:dominates|is {_MAIN}){_HERE}",
        rf"what is {_THIS} mostly covered (?:by|with)",
        rf"{_MAIN} {_COVER}{_HERE}",
    ),
    "water_share": _share_forms(_WATER),
    "vegetation_share": _share_forms(_GREEN),
    "water_presence": _presence_forms(_WATER),
    "vegetation_presence": _presence_forms(_GREEN),
    "description": (
        rf"(?:describe|caption|summari[sz]e) (?:{_THIS}|this|it){_DETAIL}",
        rf"(?:(?:give|write|generate|provide)(?: me)? )?(?:a |an )?{_TEXT}(?: (?:of|for) {_THIS})?",
        rf"what (?:do you see|can you see|can be seen|is visible|is shown){_HERE}",
        rf"what is (?:in {_THIS}|here)",
        rf"what does {_THIS} show",
        r"describe",
    ),
}
_COMPILED = {
    intent: re.compile("|".join(f"(?:{form})" for form in forms)) for intent, forms in FORMS.items()
}

_POLITE = re.compile(
    r"\b(?:please|kindly|roughly|approximately|about(?= how)|(?:can|could|would|will) you (?!see)"
    r"(?:tell me |say )?|tell me|hello|hi|thanks|thank you)\b ?"
)
_JOINS = re.compile(r"[.?!;\n]+\s*|,? (?:and|then|also|plus|but) ")

_LACKS: tuple[tuple[Lack, re.Pattern[str]], ...] = (
    (
        "comparison",
        re.compile(
            r"\b(?:more|less|fewer|than|same|equal|largest|biggest|smallest|compare[ds]?|versus|vs"
            r"|or)\b"
        ),
    ),
    ("area", re.compile(r"\bhow many (?:square|hectares?|acres?|met|kilomet|km|miles?)")),
    (
        "count",
        re.compile(r"\b(?:how many|count|counts|number of|amount of)\b(?! (?:water|vegetation)\b)"),
    ),
    (
        "area",
        re.compile(
            r"\b(?:area of|area covered|hectares?|acres?|m2|km2|sq|square (?:met|kilo|feet|mile)"
            r"|meters?|metres?|km|kilomet(?:er|re)s?|miles?|length|distance|built-up area"
            r"|how (?:large|big|long|tall|wide|high|far|deep))\b"
        ),
    ),
    (
        "place",
        re.compile(
            r"\b(?:where|locate|locations?|north|south|east|west|top|bottom|near"
            r"|next to|beside|between|around|corner|cent(?:er|re)|boxe?s?|bbox|outline|highlight"
            r"|segment|(?:the|top|bottom)[ -](?:left|right))\b"
        ),
    ),
    (
        "plants",
        re.compile(r"\b(?:trees?|forests?|grass|(?<!^)crops?|plants?|farmlands?|woods?)\b"),
    ),
    (
        "presence",
        re.compile(
            r"^(?:is|are) (?:there|a|an|any|the)\b|^(?:does|do) \S+ (?:image|picture|scene)|\bsee\b"
        ),
    ),
)
_THING = re.compile(
    r"(?:how many|number of|amount of|count of|count)(?: (?:all|the|every|each))*"
    r" ((?:[a-z-]+ ){0,3}?[a-z-]+?)(?= (?:are|is|can|do|does|in|on|at|there|here|for|present|you"
    r"|visible|and|live|have|has|fit)\b|$)"
)


def read(question: str) -> Reading:
    """Reads one question; what does not match a sentence form whole is not understood."""
    if any(letter.isalpha() and not letter.isascii() for letter in question):
        return NotUnderstood("language")
    if not any(character.isalnum() for character in question):
        # Nothing, or only marks, was asked: a bare picture gets its short description. Other
        # punctuation is someone's code or mark-up, but "???" and an emoji still mean "what is it".
        return Understood("description")
    words = _plain(question)
    if len(words.split()) > MOST_WORDS:
        return NotUnderstood("other")
    intents = [intent for intent, form in _COMPILED.items() if form.fullmatch(words)]
    if len(intents) == 1:
        return Understood(intents[0])
    parts = [part for raw in _JOINS.split(question.lower()) if (part := _plain(raw))]
    return _compound(parts) if len(parts) > 1 else _lacking(words)


def _plain(text: str) -> str:
    """Lower case, without polite words and closing punctuation; inner punctuation stays."""
    words = " ".join(text.lower().replace("what's", "what is").split())
    words = re.sub(r"(?<=\w)[,:](?= )", "", words).strip(" .?!")
    return " ".join(_POLITE.sub("", words).split())


def _compound(parts: list[str]) -> NotUnderstood:
    """A question of several is refused whole, for the first part that cannot be answered."""
    for part in parts:
        if not any(form.fullmatch(part) for form in _COMPILED.values()):
            found = _lacking(part)
            if found.lacks != "other":
                return found
    if all(any(form.fullmatch(part) for form in _COMPILED.values()) for part in parts):
        return NotUnderstood("several")
    return NotUnderstood("other")


def _lacking(words: str) -> NotUnderstood:
    for lack, pattern in _LACKS:
        if pattern.search(words):
            thing = _THING.search(words) if lack == "count" else None
            return NotUnderstood(lack, thing.group(1) if thing else "")
    return NotUnderstood("other")
