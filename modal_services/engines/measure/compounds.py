"""Questions that lean on each other: "what are the size and the CRS", "... and how much is it"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modal_services.engines.measure.intents import Asked
from modal_services.engines.measure.vocabulary import UNIT

_PHRASES = re.compile(
    r"(?P<ask>(?:what (?:is|are) )?(?:the )?)(?P<first>[\w -]+?)(?: and (?:the )?)"
    r"(?P<second>[\w -]+?)(?P<about> (?:of|in) (?:the|this) \w+)?"
)
_WH = r"(?:when|where|(?:in )?(?:what|which) \w+)"
_WORDS = re.compile(rf"(?P<first>{_WH}) and (?P<second>{_WH}) (?P<about>(?:is|was) .+)")
_AGAIN = re.compile(r"^(?:if (?:so|yes|there is|there are|any),? )")
_IT = re.compile(r"(?<!of )\b(?:it|they|them|that)\b")
_HOW_MANY = re.compile(
    rf"how many (?P<unit>{UNIT})(?: (?:is|are) (?:it|that|there)| does it (?:cover|take up))?"
)
_HOW_MUCH = re.compile(r"how much(?: of it)?(?: is there| is that| are there)?")
_ANTECEDENTS = frozenset({"presence", "share", "area", "dominant_colour"})

# What only an image has: its "it" is no water.
_ONLY_OF_IMAGES = frozenset({"settlement", "crs", "bands", "sensor", "taken", "resolution"})


def shared(words: str) -> Sequence[str]:
    """The two questions of words that share a beginning or an end; empty where they share none."""
    match = _WORDS.fullmatch(words)
    if match:
        return [f"{match[name]} {match['about']}" for name in ("first", "second")]
    match = _PHRASES.fullmatch(words)
    if match is None:
        return ()
    ask, about = match["ask"].removesuffix("the "), match["about"] or ""
    return [f"{ask}the {match[name]}{about}" for name in ("first", "second")]


def about_it(part: str, before: Sequence[Asked]) -> str:
    """A part with the cover in the place of "it", where the part before asks about one cover."""
    if not _has_antecedent(before):
        return ""
    (cover,) = before[0].covers
    words = _AGAIN.sub("", part)
    if _HOW_MUCH.fullmatch(words):
        return f"how much {cover} is there"
    many = _HOW_MANY.fullmatch(words)
    if many:
        return f"how many {many['unit']} of {cover} are there"
    return _IT.sub(f"the {cover}", words, count=1)


def not_about_it(part: str, before: Sequence[Asked], asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """What a part asks, where its "it" is the image: "is there water, and where is it" is not."""
    if not (_has_antecedent(before) and _IT.search(part)):
        return asked
    return asked if all(each.kind in _ONLY_OF_IMAGES for each in asked) else ()


def _has_antecedent(before: Sequence[Asked]) -> bool:
    return len(before) == 1 and before[0].kind in _ANTECEDENTS and len(before[0].covers) == 1
