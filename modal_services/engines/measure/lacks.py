"""Says what a question that is not understood lacks, so that the refusal can name it."""

from __future__ import annotations

import re

from modal_services.engines.measure.intents import Lack, NotUnderstood

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
            r"|meters?|metres?|km|kilomet(?:er|re)s?|miles?|length|distance"
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


def lacking(words: str) -> NotUnderstood:
    """What some words lack, by the first sign of it."""
    for lack, pattern in _LACKS:
        if pattern.search(words):
            thing = _THING.search(words) if lack == "count" else None
            return NotUnderstood(lack, thing.group(1) if thing else "")
    return NotUnderstood("other")
