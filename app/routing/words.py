"""A clause's words as rules read them: lower case, plain spelling, politeness taken off.

Addresses are blanked out before anything is read, so that no word inside one decides; what is
handed on is always the user's own text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.routing.spelling import spelled

MOST_CHARACTERS = 600  # of one clause: its beginning and its end, which say what is asked
SCENE = (
    r"(?:images?|pictures?|photos?|photographs?|pics?|scenes?|views?|tiles?|shots?|snapshots?"
    r"|scans?|frames?|imagery|img|snap|landscape)"
)
THIS_SCENE = (
    r"(?:this|the|that|my|our|these|given|attached|entire|whole|current)"
    rf"(?: [\w-]+){{0,3}}? {SCENE}"
)
BE = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|might|may|am|aren t)"

_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,12}://|\bdata:[a-z]+/|\bwww\.)\S*", re.I)
_LEAD = re.compile(
    r"^(?:please|kindly|ok(?:ay)?|so|well|now|then|also|and|but|plus|hey|hi|hello|first(?:ly)?|next"
    r"|finally|lastly|second(?:ly)?|by the way|btw|actually|just|simply|only|maybe|additionally"
    r"|(?:would|do) you mind|(?:can|could|would|will) you(?: please| kindly| also| just| quickly)?"
    r"|(?:can|could|may) (?:i|we) (?:get|have|ask(?: you)?(?: to)?)"
    r"|(?:i|we) (?:want|need|would like|wish)(?: you)?(?: to)?(?= (?:get|see|have|describe|count"
    r"|find|know|mark|locate|an?\b|the\b))"
    r"|i would appreciate"
    r"|(?:an? )?(?:quick|short|simple|one|another) (?:question|check|thing)\s*[:,-]"
    r"|let us|let's|help me(?: to)?|try to|go ahead and|your task is to|quickly|carefully"
    rf"|(?:in|on|from|using|looking at|look at|given|based on|for|considering|within|according to"
    rf"|with|judging (?:by|from)) (?:{THIS_SCENE}|{SCENE})(?: [\w-]+){{0,3}},"
    r"|briefly|shortly|in (?:short|brief|detail|general)"
    r"|in (?:[\w'-]+ ){1,4}(?:words?|sentences?|lines?|paragraphs?|bullet points?|detail)\s*[,:]"
    r"|(?:question|q|query|user|prompt|task)\s*:|\[[\w -]{2,20}\]"
    r"|[-*•>#\d]+[.)]?(?= ))(?:[\s,:]+|$)"
)
_TO_KNOW = re.compile(
    r"^(?:(?:i|we) (?:want|would like|need|wish|am curious) to (?:know|find out|learn|see)"
    r"|i (?:wonder|am wondering)|(?:do|would) you know|any idea|tell(?: me| us)?|let me know|say"
    r"|check|verify"
    r"|determine|find out|figure out|see|state|confirm|judge|decide|report|estimate|guess|work out"
    r"|know|give me|answer(?: this)?|calculate|compute|detect|identify|get|explain)[\s,:]+"
    r"(?=(?:if|whether|how (?:many|much|large|big|long|wide|far|tall|high)|what|which|where|why"
    r"|who|when|the (?:exact |total |approximate )?(?:number|total|count)"
    r"|(?:an? )?estimate of|is there|are there)\b)"
)
_FORM_OF_ANSWER = re.compile(
    r"[\s,(]*\b(?:please )?(?:answer|respond|reply)(?: the question| me)?(?: only| just)?"
    r" (?:in|with|using|by|as|yes|true)\b.*$"
    r"|^(?:please )?(?:answer|respond|reply)(?: (?:with|in|only|just))*"
    r" (?:yes or no|yes ?/ ?no|true or false)[\s:,.]*"
    r"|[\s,(]*\b(?:just |simply |only |a )?(?:yes or no|yes ?/ ?no|true or false|true ?/ ?false)"
    r"\b\)?[\s:]*"
)
YES_OR_NO = re.compile(r"\b(?:yes or no|yes ?/ ?no|true or false|true ?/ ?false)\b")
NUMBER_ONLY = re.compile(
    r"\b(?:only|just)(?: give)?(?: me)? (?:the|an?) (?:single |exact |whole )?(?:number|count"
    r"|figure)\b"
    r"|\bgive(?: me)? (?:one|a single) (?:number|figure|total)\b"
    r"|\b(?:the|an?) (?:single |exact |whole )?(?:number|integer) only\b"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a message that can ask for one thing.

    `start` and `end` are its place in the message; `core` is `text` without its polite beginning
    and without how the answer should look.
    """

    raw: str
    text: str
    core: str
    start: int
    end: int


def clause_of(raw: str, start: int = 0) -> Clause:
    """A part of a message with its words made plain."""
    text = plain(raw)
    return Clause(raw, text, _core(text), start, start + len(raw))


def without_addresses(text: str) -> str:
    """The same text, as long as before, with blanks where an address (URL) stands."""
    return _ADDRESS.sub(lambda found: " " * len(found.group()), text)


def has_words(text: str) -> bool:
    """Whether there is anything to read; signs, emoji and addresses are not."""
    return any(character.isalnum() for character in without_addresses(text))


def plain(raw: str) -> str:
    """Lower case, one spelling, one space."""
    half = MOST_CHARACTERS // 2
    if len(raw) > MOST_CHARACTERS:
        raw = f"{raw[:half]} {raw[-half:]}"
    text = unicodedata.normalize("NFKC", without_addresses(raw)).lower()
    text = text[:MOST_CHARACTERS]  # one sign can become eighteen
    return spelled(text)


def _core(text: str) -> str:
    core = _FORM_OF_ANSWER.sub("", text).strip(" \"'“”«»(-–—*•,:") or text
    for _ in range(5):
        shorter = _TO_KNOW.sub("", _LEAD.sub("", core))
        if shorter == core or not shorter.strip(" ?!."):
            break
        core = shorter
    return core


def maybe_foreign(text: str) -> bool:
    """Whether a clause may be in another language: signs beyond ASCII, or few English words."""
    if not text.isascii():
        return True
    words = [word.strip("?!.,'\"") for word in text.split()]
    if not _HINGLISH.isdisjoint(words):
        return True
    return sum(word in _ENGLISH for word in words) * 3 <= len(words)


_HINGLISH = frozenset("ko mein karo kijiye hai hain kya kitne kitna kitni batao".split())  # noqa: SIM905
_ENGLISH = frozenset(
    """
    a all an and any are area as at be been between big bottom building buildings by
    can cars could count describe do does find for from give has have how if image
    in is it its large left located many me more much near no not number of on or
    photo picture please right road roads scene see ships show small than that the
    their there these this those to top trees visible was water were what when where
    which who why with you
    """.split()  # noqa: SIM905 - sixty words read better than a list of them
)
