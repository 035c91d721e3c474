"""One spelling for the words that rules read: short forms, chat spellings, slips of a key."""

from __future__ import annotations

import re

_SPELLINGS = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"[‘’ʼ`´]", "'"),
        (r"\b(what|where|how|who|which|that|there|it|here|when|why)'s\b", r"\1 is"),
        (r"\b(what|where|how|who|there|you|they|we)'re\b", r"\1 are"),
        (r"\bi'd\b", "i would"),
        (r"\bcan't\b", "can not"),
        (r"\b(is|are|was|were|do|does|did|has|have|could|would|should)n't\b", r"\1 not"),
        (r"\bdont\b", "do not"),
        (r"\bi'm\b", "i am"),
        (r"\b(?:pls|plz|plese)\b", "please"),
        (r"\bu\b", "you"),
        (r"\br\b(?= (?:there|the|they|these|visible))|(?<=what )r\b|(?<=colour )r\b", "are"),
        (r"\b(?:whats|wats)\b", "what is"),
        (r"\b(?:wht|waht)\b", "what"),
        (r"\bwat\b(?= (?:%|is (?:the|this|that|in|it)|are|color|kind|type|percent))", "what"),
        (r"\b(?:mny|mani|manny)\b|(?<=\bhow)many\b", " many"),
        (r"\bhw\b(?= (?:big|large|many|much|long|far|wide)\b)", "how"),
        (r"\b(?:coun|coutn|cuont|conut|cnt)\b", "count"),
        (r"\bdescr?\b", "describe"),
        (r"\b(?:immage|imge|imag|iamge)\b", "image"),
        (r"\bchk\b", "check"),
        (r"\b(any|some|no)(?:1|one)\b", r"\1one"),
        (r"\bppl\b", "people"),
        (r"\b(?:dis|dat)\b(?= (?:a|an|the|pic|image|place|area)\b)|(?<=\bis )dis\b", "this"),
        (r"\bteh\b|(?<=\b(?:is|in|on|of) )da?\b(?= \w)|(?<=\bcount )d\b", "the"),
        (r"\bcolou?r", "color"),
    )
)
# Words that carry what is asked, or what is seen. A word of six letters or more that is one slip
# away from one of them is taken for it; words that have a neighbour in English are left out
# (identify and identity, detect and defect, runway and runaway).
_TELLING = """
    aircraft airplane airport between building buildings caption classify color coverage describe
    description distance estimate explain forest generate hectare hectares highlight houses measure
    number people percent percentage picture satellite segment summarize summary surface swimming
    vegetation vehicle vehicles visible
""".split()  # noqa: SIM905 - forty words read better than a list of them
_SHORTEST = 6
_BY_LETTER = {
    letter: tuple(word for word in _TELLING if word[0] == letter)
    for letter in {word[0] for word in _TELLING}
}
_WORD = re.compile(rf"\b[{''.join(sorted(_BY_LETTER))}][a-z]{{{_SHORTEST - 1},13}}\b", re.A)


def spelled(text: str) -> str:
    """Lower-case text with the spellings that rules know.

    A slip is one letter too many, too few, wrong, or two of them swapped.
    """
    for pattern, word in _SPELLINGS:
        text = pattern.sub(word, text)
    text = " ".join(text.split())
    return _WORD.sub(lambda found: _meant(found.group()), text)


def _meant(word: str) -> str:
    """The telling word that this one is a slip of, or the word itself."""
    near = _BY_LETTER[word[0]]
    if word in near or any(word.startswith(known) for known in near):
        return word  # an ending ("described") is no slip
    return next((known for known in near if _one_slip(word, known)), word)


def _one_slip(word: str, known: str) -> bool:
    if abs(len(word) - len(known)) > 1:
        return False
    pairs = zip(word, known, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(word), len(known)))
    rest, wanted = word[at:], known[at:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return wanted in (rest[1:], swapped) or rest[1:] == wanted[1:] or rest == wanted[1:]
