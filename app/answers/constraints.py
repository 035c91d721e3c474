"""How a description should be, in the user's words: read, put plainly, and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.answers.numbers import NUMBER_WORDS, number
from modal_services.languages import language_of

Bound = Literal["at most", "at least", "exactly", "about"]
LANGUAGES: Mapping[str, str] = {
    "en": "English", "fr": "French", "de": "German", "es": "Spanish", "pt": "Portuguese",
    "it": "Italian", "nl": "Dutch", "ru": "Russian", "hi": "Hindi", "zh": "Chinese",
    "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "id": "Indonesian", "tr": "Turkish",
}  # fmt: skip
# Names of languages in others; English ones are above.
_NATIVE: Mapping[str, str] = {
    "englisch": "en", "anglais": "en", "inglés": "en", "inglês": "en", "inglese": "en",
    "engels": "en", "français": "fr", "französisch": "fr", "francés": "fr", "francês": "fr",
    "francese": "fr", "deutsch": "de", "allemand": "de", "alemán": "de", "alemão": "de",
    "tedesco": "de", "duits": "de", "español": "es", "spanisch": "es", "espagnol": "es",
    "espanhol": "es", "spagnolo": "es", "português": "pt", "italiano": "it", "italien": "it",
    "italienisch": "it", "nederlands": "nl",
}  # fmt: skip
_UNITS: Mapping[str, str] = {
    "mot": "word", "palabra": "word", "wörter": "word", "wörtern": "word", "palavra": "word",
    "parole": "word", "woorden": "word", "phrase": "sentence", "satz": "sentence",
    "sätze": "sentence", "sätzen": "sentence", "frase": "sentence", "frasi": "sentence",
    "zinnen": "sentence",
}  # fmt: skip
_N = (
    r"(?P<n>\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen"
    rf"|twenty|thirty|forty|fifty|a hundred|one hundred|{'|'.join(NUMBER_WORDS)})"
)
_LENGTH = re.compile(
    r"(?P<bound>at most|no more than|not more than|up to|maximum(?: of)?|max\.?|under|below"
    r"|less than|fewer than|within|at least|no fewer than|no less than|minimum(?: of)?|exactly"
    r"|precisely|about|around|approximately|roughly|(?:between )?\d{1,4} ?(?:-|–|to"
    r"|and))?\s*(?:a |in )?"
    + _N
    + r"[ -](?:short |simple |brief |single )?(?P<what>words?|sentences?|paragraphs?|characters?"
    rf"|(?:{'|'.join(_UNITS)})s?|bullet points?|bullets)\b",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\bin (?:a|one) (?:single |short )?(?P<what>sentence|word|paragraph)\b", re.I)
_LANGUAGE = re.compile(
    rf"\b(?:in|into|to|auf|en|em|het) (?P<name>{'|'.join([*LANGUAGES.values(), *_NATIVE])})\b", re.I
)
_FORMAT = re.compile(
    r"\b(?:as|in|return|using|with|into|format(?:ted)? as|valid)\s+(?:a |an |valid |the )?"
    r"(?:(?P<json>json)|(?P<list>(?:bullet(?:ed)?(?: points?)?|numbered )?\s*list|bullet points?"
    r"|bullets))\b",
    re.IGNORECASE,
)
_AUDIENCE = re.compile(
    r"\bfor (?P<who>(?:an? |my |the )?(?:[\w]+[- ]year[- ]olds?|farmers?|managers?|executives?"
    r"|journalists?"
    r"|pupils?|non-?experts?|the public|child(?:ren)?|kids?|experts?"
    r"|beginners?|students?|scientists?|tourists?|general audience|layperson|lay people|analysts?"
    r"|decision[- ]makers?|blind (?:person|people|user|users)))\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"(?:[\s,;:.]|\b(?:and|in|as|for|with|using|please|pls)\b)+$", re.I)
_BOUNDS: tuple[tuple[str, Bound], ...] = (
    (r"at least|no fewer|no less|min", "at least"),
    (r"exactly|precisely", "exactly"),
    (r"about|around|approx|roughly", "about"),
)
FORMS = {"json": "valid JSON and nothing else", "list": "a list, one item a line"}
WISHED = "Describe this satellite image: {wishes}"
NO_WISHES = "Wishes for a description need a vision-language model; none is connected."
MOST_READ = 4000  # characters of a message
ABOUT = 0.25  # "about 40 words" is kept by 30 to 50


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a user asked of a description's form; None: nothing."""

    length: tuple[Bound, int, str] | None = None
    language: str | None = None
    form: Literal["json", "list"] | None = None
    audience: str | None = None

    def as_sentence(self) -> str:
        """The constraints in plain words for a model; empty where there are none."""
        parts = []
        if self.length:
            bound, count, what = self.length
            parts.append(f"use {bound} {count} {what}{'s' if count != 1 else ''}")
        if self.form:
            parts.append(f"write {FORMS[self.form]}")
        if self.language:
            parts.append(f"write in {LANGUAGES[self.language]}")
        if self.audience:
            parts.append(f"write for {self.audience}")
        text = ", ".join(parts)
        return f"{text[0].upper()}{text[1:]}." if text else ""

    def broken_by(self, text: str) -> tuple[str, ...]:
        """What the words do not keep, as caveats; an audience cannot be checked."""
        found = (self._length_of(text), self._form_of(text), self._language_of(text))
        return tuple(one for one in found if one)

    def _length_of(self, text: str) -> str:
        if not self.length:
            return ""
        bound, count, what = self.length
        has = _counted(text, what)
        slack = max(1, round(ABOUT * count)) if bound == "about" else 0
        low = count - slack if bound != "at most" else 0
        high = count + slack if bound != "at least" else has
        if low <= has <= high:
            return ""
        plural, were = "" if has == 1 else "s", "was" if count == 1 else "were"
        return f"It has {has} {what}{plural}; {bound} {count} {were} asked for."

    def _form_of(self, text: str) -> str:
        if self.form == "json":
            return "" if _is_json(text) else "JSON was asked for; this is none."
        if self.form == "list" and not re.search(
            r"^[ \t]*+(?:[-*•]|\d+[.)])\s", text, re.MULTILINE
        ):
            return "A list was asked for; this is none."
        return ""

    def _language_of(self, text: str) -> str:
        if not self.language or len(text.split()) < 3 or self.form == "json":  # noqa: PLR2004
            return ""
        found = language_of(text)
        if found == self.language:
            return ""
        return f"{LANGUAGES[self.language]} was asked for; this seems to be {LANGUAGES[found]}."


def is_wish(message: str) -> bool:
    """Whether a message says nothing but how a description should be, in the form of `WISHED`."""
    return message.startswith(WISHED.format(wishes=""))


def without_wishes(message: str) -> str:
    """A message without what it asks of its answer's form; nothing where that is all it says."""
    if is_wish(message):
        return ""
    for wish in (_LENGTH, _SINGLE, _LANGUAGE, _FORMAT, _AUDIENCE):
        message = wish.sub("", message)
    return _DANGLING.sub("", message)


def constraints_in(message: str) -> Constraints:
    """What a message asks of the form of its answer."""
    message = " ".join(message.split())[:MOST_READ]
    language, form = _LANGUAGE.search(message), _FORMAT.search(message)
    audience = _AUDIENCE.search(message)
    by_name = {**_NATIVE, **{name.lower(): code for code, name in LANGUAGES.items()}}
    return Constraints(
        length=_length(message),
        language=by_name[language["name"].lower()] if language else None,
        form=None if form is None else "json" if form["json"] else "list",
        audience=audience["who"] if audience else None,
    )


def _length(message: str) -> tuple[Bound, int, str] | None:
    match = _LENGTH.search(message)
    if match is None:
        single = _SINGLE.search(message)
        return ("exactly", 1, single["what"].lower()) if single else None
    said = (match["bound"] or "").lower()
    kinds = (kind for pattern, kind in _BOUNDS if re.match(pattern, said))
    what = match["what"].lower()
    what = _UNITS.get(what, what).removesuffix("s")
    what = _UNITS.get(what, what)
    bare: Bound = "about" if what in ("word", "character") else "exactly"
    bound: Bound = next(kinds, "at most") if said else bare
    value = int(number(re.sub(r"^an?(?: |$)", "one ", match["n"].lower()).strip()))
    if bound == "at most" and re.match(r"under|below|less|fewer", said):
        value -= 1
    return bound, value, what


def _counted(text: str, what: str) -> int:
    if what == "word":
        return len(text.split())
    if what == "character":
        return len(text.strip())
    if what == "sentence":
        return len(re.findall(r"[^.!?。！？]+(?:[.!?。！？](?!\d)|$)", text.strip()))
    if what == "paragraph":
        return len([part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()])
    return len(re.findall(r"^[ \t]*+(?:[-*•]|\d+[.)])\s", text, re.MULTILINE))


def _is_json(text: str) -> bool:
    bare = re.sub(r"^```(?:json)?\s*|(?<!\s)\s*+```$", "", text.strip())
    try:
        json.loads(bare)
    except (ValueError, RecursionError):  # no JSON, or nested without an end
        return False
    return True
