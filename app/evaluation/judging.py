"""Whether an answer is right."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.batch.short import number_in, yes_or_no_in
from app.evaluation.items import Item

NEAR = 0.1
_OPTIONS = re.compile(r":\s*([^?:]*,[^?:]*)\?*$")
_SIZE = re.compile(r"(\d+)\s*[x×]\s*(\d+)")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict.

    Attributes:
        right: whether the answer is right; of a caption, whether it mentions all that it must, or
            None where the data set does not say what that is.
        said: the short answer that was found in it.
        error: of a number, said less true.
        true: of a number.
    """

    right: bool | None
    said: str | None = None
    error: float | None = None
    true: float | None = None


def judge(item: Item, answer: str) -> Judged:
    """Compares an answer with the true ones."""
    match item.kind:
        case "yesno":
            heard = yes_or_no_in(answer)
            return Judged(heard in [each.strip().lower() for each in item.references], heard)
        case "count" | "number":
            return _number(item, answer)
        case "caption":
            return Judged(mentions(item, answer))
        case _:
            return _text(item, answer)


def mentions(item: Item, answer: str) -> bool | None:
    """Whether a description has one word of each group and none that is not there."""
    if not item.must_mention and not item.must_not_mention:
        return None
    words = normal(answer)
    return all(any(_has(words, one) for one in group) for group in item.must_mention) and not any(
        _has(words, one) for one in item.must_not_mention
    )


def _number(item: Item, answer: str) -> Judged:
    said = number_in(answer)
    known = [true for each in item.references if (true := number_in(each)) is not None]
    if said is None or not known:
        return Judged(right=False)
    true = min(known, key=lambda each: abs(said - each))
    error = said - true
    relative = item.tolerance if item.tolerance is not None else NEAR * (item.kind == "number")
    allowed = max(item.tolerance_abs or 0.0, relative * abs(true))
    return Judged(abs(error) <= allowed + 1e-9, f"{said:g}", error, true)


def _text(item: Item, answer: str) -> Judged:
    words = normal(answer)
    options = _OPTIONS.search(item.question.strip())
    known = [each.strip() for each in options[1].split(",")] if options else []
    if len(known) > 1:
        places = {each: words.find(f" {normal(each).strip()} ") for each in known}
        first = min((each for each in known if places[each] >= 0), key=places.get, default=None)  # type: ignore[arg-type]
        return Judged(first is not None and first.lower() in _lower(item.references), first)
    found = next((r for r in item.references if _has(words, r) or _same_size(r, answer)), None)
    return Judged(found is not None, found)


def _same_size(reference: str, answer: str) -> bool:
    """Whether a size such as 934x724 is in the answer, in that order."""
    size = _SIZE.fullmatch(reference.strip())
    plain = answer.replace(",", "")
    return bool(size and re.search(rf"\b{size[1]}\b.*\b{size[2]}\b", plain))


def _lower(words: tuple[str, ...]) -> list[str]:
    return [word.strip().lower() for word in words]


def _has(words: str, one: str) -> bool:
    return bool(normal(one).strip()) and normal(one) in words


def normal(text: str) -> str:
    """Words in lower case without accents or punctuation, one space around each."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return f" {' '.join(_WORD.findall(plain))} "
