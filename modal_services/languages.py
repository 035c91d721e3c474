"""Which language a text is in, told from its script and its small words."""
# ruff: noqa: SIM905 - lists of words are read as such

from __future__ import annotations

import re
from collections.abc import Mapping

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),  # kana, before Han
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
# Small words that English has not; two of them make a language. Words that two of these languages
# share stand with both, and the one with the most wins.
_WORDS: Mapping[str, frozenset[str]] = {
    "es": frozenset(
        "el la los las un una hay cuántos cuántas cuantos cuantas qué que en esta este imagen de"
        " del es son donde dónde cuánta cuanta agua cuál cual describe describa y".split()
    ),
    "fr": frozenset(
        "le la les un une y-a-t-il a-t-il est-ce combien quelle quel sur cette cet dans de du des"
        " il y décris décrivez l'image est sont où eau d'eau image qu'est-ce".split()
    ),
    "de": frozenset(
        "der die das ein eine gibt es wie viele viel auf diesem dieser bild im ist sind wo was"
        " beschreibe beschreiben zeigt und wasser den dem wieviele".split()
    ),
    "pt": frozenset(
        "o os a as um uma há quantos quantas nesta neste imagem de da do na no é são onde qual"
        " descreva água e que".split()
    ),
    "it": frozenset(
        "il lo la gli le un una c'è ci sono quanti quante quanta in questa immagine di della è"
        " dove quale descrivi acqua che nell'immagine".split()
    ),
    "nl": frozenset(
        "de het een hoeveel zijn er op deze dit afbeelding beeld foto in is waar wat beschrijf"
        " water zie je van".split()
    ),
    "id": frozenset(
        "ada berapa apakah di ini gambar yang dan pada dalam mana jelaskan kapal rumah".split()
    ),
    "tr": frozenset(
        "kaç tane var mı mi bu görüntüde resimde nerede ne bir ve görüntü gemi betimle".split()
    ),
    "hi": frozenset("kitne kitni mein kya hai hain yahan dikh rahe ghar yeh koi".split()),
}
_ENGLISH = frozenset(
    "is are the how many much what which this there any of image in does can do you describe and"
    " water a an to for with on".split()
)
LEAST = 2


def language_of(text: str) -> str:
    """ISO 639-1 of a text; "en" where nothing speaks against it."""
    for language, script in _SCRIPTS:
        if script.search(text):
            return language
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower().replace("’", "'"))
    english = sum(word in _ENGLISH for word in words)
    counts = {name: sum(word in known for word in words) for name, known in _WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    if counts[best] >= LEAST and counts[best] > english:
        return best
    return "en" if text.isascii() or english else best if counts[best] else "en"
