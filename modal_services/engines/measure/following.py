"""A follow-up as the whole question that it stands for.

"And vegetation?" after "How much water is there?" is "How much vegetation is there?". Only what was
understood can be followed, and only by a word of the same sort: anything else is read by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modal_services.engines.measure.compounds import about_it
from modal_services.engines.measure.intents import Asked, Cover, Kind, Understood
from modal_services.engines.measure.questions import read
from modal_services.engines.measure.vocabulary import ONE_COVER, REGION, UNIT, cover_of
from modal_services.engines.measure.wording import plain, same_words

_LEAD = re.compile(
    r"^(?:(?:and|but|or|ok(?:ay)?|now|then|also|just|only|what about|how about|what of|for|in|of)"
    r"[, ]+)+"
)
_TAIL = re.compile(r"[, ]+(?:then|too|instead|as well|please|now|there|here)$")
_AGAIN = re.compile(
    r"(?:are you |you are |you're )?(?:really |quite )?(?:sure|certain)"
    r"(?: (?:about|of) (?:that|it))?"
    r"|really|(?:please )?(?:check|answer|repeat|say)(?: (?:that|it))? ?(?:again)?|again"
    r"|how (?:sure|certain|confident) are you"
)
_SHORTER = re.compile(
    r"(?:make (?:it|that) )?(?:much |a bit |even )?(?:shorter|briefer)(?: answer| version)?"
    r"|shorten (?:it|that)|(?:in )?(?:one|a single) sentence|briefly"
)
_LONGER = re.compile(
    r"(?:make (?:it|that) )?(?:much |a bit |even )?(?:longer|more detailed)"
    r"|(?:in )?(?:more|greater) details?"
    r"|(?:tell me |say )?more(?: about (?:it|this|that))?|elaborate"
)
_OF_A_THING: frozenset[Kind] = frozenset({"dominant_colour", "image_size"})

# Every kind that is about a cover, as a question about another one.
_OF_COVER: Mapping[Kind, str] = {
    "share": "how much of the image is {cover}",
    "presence": "is there {cover}",
    "mostly": "is the image mostly {cover}",
    "area": "what is the area of {cover}",
}
_NOUNS: Mapping[Cover, str] = {
    "built-up": "built-up land", "bare": "bare soil", "cloud": "clouds",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """The last question that was understood, whole, and what its last part asked for."""

    text: str
    asked: Asked


def whole_question(question: str, before: Sequence[str] = ()) -> str:
    """The question as it would be asked alone.

    Args:
        question: the last message.
        before: what the user asked before it, the oldest first.
    """
    last: _Known | None = None
    for text in before:
        whole = _followed(text, last)
        reading = read(whole)
        last = _Known(whole, reading.asked[-1]) if isinstance(reading, Understood) else None
    return _followed(question, last)


def _followed(text: str, last: _Known | None) -> str:
    """The text itself where it follows nothing."""
    if last is None:
        return text
    words = _TAIL.sub("", _LEAD.sub("", plain(same_words(text)))).strip()
    if _AGAIN.fullmatch(words):
        return last.text
    return _other_length(words, last) or _other_thing(words, last.asked) or _named(text, last)


def _other_length(words: str, last: _Known) -> str:
    shorter = bool(_SHORTER.fullmatch(words))
    if last.asked.kind != "description" or not (shorter or _LONGER.fullmatch(words)):
        return last.text if shorter else ""  # an answer is as short as it gets
    return "describe the image briefly" if shorter else "describe the image in detail"


def _other_thing(words: str, asked: Asked) -> str:
    """The last question of another cover, another region or in another unit."""
    form = _OF_COVER.get(asked.kind)
    if form and re.fullmatch(ONE_COVER, words):
        return _of_cover(form, cover_of(words), asked)
    if asked.kind in ("share", "area") and re.fullmatch(UNIT, words):
        cover = _noun(asked.covers[0])
        return f"what is the area of {cover} in {words}{_stated(asked)}"
    if asked.kind == "dominant_colour" and re.fullmatch(REGION, words):
        return f"what colour is {words if words.startswith('the ') else f'the {words}'}"
    return ""


def _of_cover(form: str, cover: Cover, asked: Asked) -> str:
    unit = f" in {asked.unit}" if asked.unit else ""
    return form.format(cover=_noun(cover)) + unit + _stated(asked)


def _named(text: str, last: _Known) -> str:
    """The text with "it" said out, where it may be the cover that was asked about.

    Else "What colour is it?" after "Is there water?" would be told the colour of the picture.
    """
    words = plain(same_words(text))
    named = about_it(words, (last.asked,))
    reading = read(text)
    alone = isinstance(reading, Understood) and not any(
        one.kind in _OF_A_THING for one in reading.asked
    )
    return text if alone or not named or named == words else named


def _noun(cover: Cover) -> str:
    return _NOUNS.get(cover, cover)


def _stated(asked: Asked) -> str:
    metres = asked.metres_per_px
    return f", at {metres:g} m per pixel" if metres else ""
