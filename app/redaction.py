"""Words for the log, without pictures and without keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

_PICTURE = re.compile(r"data(?::|%3[aA])[^\s\"',;%]*(?:%2[fF][^\s\"',;%]*)?(?:;|%3[bB])base64"
                      r"(?:,|%2[cC])([A-Za-z0-9+/=_-]|%2[bBfF]|%3[dD])*")  # fmt: skip
_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_KEY = re.compile(r"(?i)(bearer|basic)\s+[^\s\"',]+|\bsk-[A-Za-z0-9_-]{8,}")
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/@:]+):[^\s/@]+@")
SHORTEST_SECRET = 6


def redactor(secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that takes pictures, keys and these secrets out of a text."""
    known = [each for each in secrets if len(each) >= SHORTEST_SECRET]
    known += [json.dumps(each)[1:-1] for each in known]
    exact = re.compile("|".join(map(re.escape, sorted(set(known), key=len, reverse=True))))

    def redacted(text: str) -> str:
        text = exact.sub("[secret]", text) if known else text
        text = _PICTURE.sub("[picture]", text)
        text = _LONG_BASE64.sub("[base64]", text)
        text = _KEY.sub("[key]", text)
        return _URL_PASSWORD.sub(r"\1:[password]@", text)

    return redacted
