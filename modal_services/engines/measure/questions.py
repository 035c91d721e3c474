"""Reads a message as one or more of a closed list of intents, or says what it lacks.

A message is understood only when the whole of every sentence in it matches a form of one intent,
polite words aside. A loose keyword reader answered 49 of 164 real questions, most of them with the
answer to another question ("Are there more buildings than roads?" got a share of water), so there
is no partial match here: every word left over is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from modal_services.engines.measure.compounds import about_it, not_about_it, shared
from modal_services.engines.measure.cover_forms import FEWER
from modal_services.engines.measure.forms import matches
from modal_services.engines.measure.intents import (
    Asked,
    Kind,
    NotUnderstood,
    Reading,
    Understood,
)
from modal_services.engines.measure.lacks import lacking
from modal_services.engines.measure.vocabulary import (
    cover_of,
    covers_of,
    region_of,
    scene_of_words,
    unit_of,
)
from modal_services.engines.measure.wording import plain, same_words
from modal_services.languages import language_of

MOST_WORDS = 60  # the longest sentence form is a list of 21 scene classes; the rest is pasted text
MOST_PARTS = 5

_SENTENCES = re.compile(r"[.?!;\n]+\s+|[.?!;\n]+$")
_JOINS = re.compile(
    r",? (?:and|then|plus) (?=(?:how|what|which|when|where|is|are|does|do|can|count|describe"
    r"|classify|estimate|if|the (?:share|area|number)) ?)|,? and then "
)
_METRES = r"(?P<metres>\d{1,4}(?:\.\d{1,4})?) ?(?P<step>cm|centimet(?:er|re)s?|m|met(?:er|re)s?)"
_PER_PX = r"(?: ?(?:per|/|a) ?(?:pixel|px))"
_GSD = r"(?:gsd|ground sampl(?:e|ing) distance|resolution|pixel size)"
_STATED = re.compile(
    rf"[,;.]?\s*\(?(?:and |with |given |assuming |at )*(?:the |a )?{_GSD}(?: is| =|:| of)?"
    rf" {_METRES}{_PER_PX}?\)?(?=[.,?!]|$)"
    rf"|,?\s*\(?(?:at|with|assuming|given|using|for)(?: an?)? {_METRES.replace('<', '<b')}"
    rf"{_PER_PX}\)?"
)


def read(message: str) -> Reading:
    """Reads a message; what does not match a sentence form whole is not understood."""
    if not any(character.isalnum() for character in message):
        # Nothing, or only marks, was asked: a bare picture gets its short description. Other
        # punctuation is someone's code or mark-up, but "???" and an emoji still mean "what is it".
        return Understood((Asked("description"),))
    language = language_of(message)
    if language != "en":
        return NotUnderstood("language", language=language)
    if len(message.split()) > MOST_WORDS:
        return NotUnderstood("other")
    text, metres = _without_distance(same_words(message))
    return _by_parts(text, metres)


def _by_parts(text: str, metres: float | None) -> Reading:
    """A message of several parts is answered where every part can be, else refused whole."""
    whole = plain(text)
    parts = [whole] if _asked(whole) else list(_parts(text))
    found: list[tuple[Asked, ...]] = []
    for part in parts:
        before = found[-1] if found else ()
        found.append(_asked(about_it(part, before)) or not_about_it(part, before, _asked(part)))
    if found and all(found) and len(parts) <= MOST_PARTS:
        asked = tuple(replace(one, metres_per_px=metres) for each in found for one in each)
        return Understood(asked)
    missing = [lacking(part) for part, each in zip(parts, found, strict=True) if not each]
    if len(parts) == 1 or not missing:
        return lacking(whole)
    # What a part lacks says most, unless it is a word like "or" that only the whole explains.
    return next((each for each in missing if each.lacks != "other"), NotUnderstood("other"))


def _parts(text: str) -> Iterator[str]:
    """The questions of a message, each by itself."""
    for sentence in _SENTENCES.split(text):
        words = plain(sentence)
        if not words:
            continue
        if _asked(words):
            yield words
            continue
        both = [plain(each) for each in shared(words)]
        if both and all(map(_asked, both)):
            yield from both
        else:
            yield from (part for raw in _JOINS.split(sentence) if (part := plain(raw)))


def _without_distance(text: str) -> tuple[str, float | None]:
    """The text without the ground sample distance that it states, and that in metres."""
    match = _STATED.search(text)
    if match is None:
        return text, None
    number = float(match["metres"] or match["bmetres"])
    step = match["step"] or match["bstep"]
    metres = number / 100 if step.startswith("c") else number
    if not 0 < metres <= 10_000:  # noqa: PLR2004 - a pixel of 10 km
        return text, None
    return text[: match.start()] + text[match.end() :], metres


def _asked(words: str) -> tuple[Asked, ...]:
    """The one intent that the whole of some words match, once for each of its covers."""
    found = list(matches(words))
    if len(found) != 1:
        found = [each for each in matches(words.replace(",", "")) if len(found) == 0]
    if len(found) != 1:
        return ()
    kind, match = found[0]
    said = {name: value for name, value in match.groupdict().items() if value}
    return _made(kind, said)


def _made(kind: Kind, said: dict[str, str]) -> tuple[Asked, ...]:
    one = Asked(
        kind,
        region=region_of(said["region"]) if "region" in said else None,
        unit=unit_of(said["unit"]) if "unit" in said else "",
        length="long" if "long" in said else "short",
        index=said.get("index", ""),
        bands=tuple(int(said[name]) for name in ("other", "nir") if name in said),
    )
    if "first" in said:
        pair = (cover_of(said["first"]), cover_of(said["second"]))
        fewer = said.get("more") in FEWER
        return (
            replace(one, covers=pair[::-1] if fewer else pair, options=(said.get("more", ""),)),
        )
    if "covers" in said:
        options = (said["options"],) if "options" in said else ()
        covers = covers_of(said["covers"])
        return tuple(replace(one, covers=(cover,), options=options) for cover in covers)
    if kind == "sensor":
        return (replace(one, options=(said.get("sensor", ""),)),)
    if "options" in said:
        return _with_options(one, said["options"])
    return (one,)


def _with_options(one: Asked, words: str) -> tuple[Asked, ...]:
    """The intent with its scene classes; nothing where one of them is none of ours."""
    if one.kind not in ("scene", "is_scene"):
        return (replace(one, options=(words,)),)
    names = [name for name in re.split(r", or |, | or ", words) if name.strip()]
    options = tuple(scene_of_words(name) for name in names)
    return (replace(one, options=options),) if all(options) else ()
