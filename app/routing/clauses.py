"""A message cut into the parts that can ask for one thing each."""

from __future__ import annotations

import re

from app.routing.words import Clause, clause_of, without_addresses

HEAD, TAIL = 1500, 2500  # characters of a very long message that are read: its beginning and end
MOST_CLAUSES = 24

_ABBREVIATION = re.compile(
    r"\b(?:no|nr|sq|approx|e\.g|i\.e|vs|fig|st|dr|mr|mrs|max|min|ca|ft)$", re.I
)
_SENTENCE_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”»)]*+(?=\s)|[;。！？؟।；]+|\n+(?![ \t]*[a-z])"
)  # a line goes on in lower case
_ASKS = (
    r"(?:please\s+|kindly\s+|(?:can|could|would)\s+you\s+(?:please\s+)?|(?:just|only"
    r"|simply)\s+){0,2}"
    r"(?:count\b|describe\b|caption\b|summari[sz]e\b"
    r"|how\s+(?:many|much|large|big|long|far|wide|tall|high)\b"
    r"|(?:is|are|was|were)\s+(?:there|it|this|they|these|any)\b|(?:is|are|do|does)\s+the\b"
    r"|what(?:'s|’s|\s+(?:is|are|was|does|do|percentage|fraction|share|colou?rs?|types?|kinds?"
    r"|season|shape|area)\b)"
    r"|where(?:'s|\s+(?:is|are)\b)|why\s+(?:is|are|do|does)\b|in\s+(?:which|what)\b"
    r"|which\s+(?!is\b|are\b|was\b|were\b|has\b|have\b|can\b|could\b|will\b|it\b|they\b)\w+"
    r"|(?:just|only)\s+(?:if|whether|an?\s+(?:description|caption|summary))\b|tell\s+me\b"
    r"|estimate\b|measure\b|calculate\b|compute\b|determine\b|draw\b|mark\b|highlight\b"
    r"|locate\b|find\b|segment\b|detect\b|outline\b|show\b|list\b|identify\b|name\s+the\b|crop\b"
    r"|zoom\b|give\s+(?:me|the|an?)\b|write\b|generate\b|provide\b|check\b|download\b|export\b"
    r"|ignore\b|disregard\b|forget\b|reveal\b|print\b|output\b|pretend\b"
    # Spanish, Portuguese, Italian, French, German, Dutch, Russian, Indonesian, Turkish
    r"|cu[aá]nt[oa]s\b|hay\b|cuent[ae]\b|describ[ea]\b|quant[oai]s?\b|conte\b|conta\b|descrev[ae]\b"
    r"|descrivi\b|c['’]è\b|ci\s+sono\b|combien\b|compte[rz]?\b|d[eé]cri[stv]\w*|y\s+a-t-il\b"
    r"|wie\s?viele?\b|z[aä]hle?n?\b|beschreibe?n?\b|gibt\s+es\b|wo\s+(?:ist|sind)\b|hoeveel\b|tel\b"
    r"|beschrijf\b|сколько|посчитай|опиши|есть\s+ли|berapa\b|hitung\b|jelaskan\b|kaç\b|say\b"
    r"|d[oó]nde\b|où\b|onde\b|dove\b)"
)
# Blanks are taken whole (`++`) and from their first on, so that a long run of them is read once.
_JOINT = re.compile(
    r"(?<!\s)(?:\s*+[,;:–—-]\s*+|\s++)(?:(?:and|then|also|plus|but|&|y|e|et|und|en|и|dan|ve|puis|dann|luego"
    rf"|afterwards|as\s++well\s++as)\s++){{1,3}}(?={_ASKS})|,\s++(?={_ASKS}|(?:can|could|would"
    rf"|will)\s+you\b)",
    re.I,
)
_CJK_JOINT = re.compile(
    r"[，、,]\s*(?:并且?|然后|还有|同时|再|以及|また|そして)?(?=(?:请|数|描述|统计"
    r"|有没有|有多少|多少|几|是否))"
    r"|(?:并且?|然后)(?=(?:请|数|描述|统计|计算))"
)


def clauses_of(message: str) -> list[Clause]:
    """The parts of a message, in order; a very long one is read at its beginning and its end."""
    if len(message) <= HEAD + TAIL:
        spans = _spans(message, 0)
    else:
        after = len(message) - TAIL
        spans = [*_spans(message[:HEAD], 0), *_spans(message[after:], after)]
    if len(spans) > MOST_CLAUSES:
        half = MOST_CLAUSES // 2
        spans = [*spans[:half], *spans[-half:]]
    return [clause_of(message[start:end], start) for start, end in spans]


def _spans(text: str, offset: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    blank = without_addresses(text)
    for start, end in _sentences(blank):
        at = start
        sentence = blank[start:end]
        joints = [*_JOINT.finditer(sentence), *_CJK_JOINT.finditer(sentence)]
        for joint in sorted(joints, key=lambda one: one.start()):
            if start + joint.start() > at:
                found.append((at, start + joint.start()))
                at = start + joint.end()
        found.append((at, end))
    trimmed = (_trimmed(text, start, end) for start, end in found)
    return [(start + offset, end + offset) for start, end in trimmed if start < end]


def _sentences(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for stop in _SENTENCE_END.finditer(text):
        if stop.group() == "." and _ABBREVIATION.search(
            text[max(0, stop.start() - 8) : stop.start()]
        ):
            continue
        found.append((at, stop.end()))
        at = stop.end()
    return [*found, (at, len(text))]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
