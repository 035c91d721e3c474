"""What may be seen nowhere: pictures and secrets, in logs, in kept entries and in drawings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

PICTURE = re.compile(r"data(?::|%3[aA])[^\s\"',;%]*(?:%2[fF][^\s\"',;%]*)?(?:;|%3[bB])base64"
                     r"(?:,|%2[cC])([A-Za-z0-9+/=_-]|%2[bBfF]|%3[dD])*")  # fmt: skip
LONG_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}")
# "basic" alone is a word: what follows must look encoded.
CREDENTIALS = re.compile(
    r"\b((?i:bearer))\s+[^\s\"',]+|\b(?i:basic)\s+(?=[A-Za-z0-9+/]*[A-Z0-9=])[A-Za-z0-9+/]{4,}={0,2}"
)
TOKEN = re.compile(
    r"\bsk-[A-Za-z0-9_-]{8,}"
    r"|\b(?:sk|wk|ws|ak|as|hf|ghp|gho|xoxb|lsv2)[-_](?=[\w-]*\d)[\w-]{6,}"
)
URL_LOGIN = re.compile(r"(?<=://)([^\s/@:]*)(?::[^\s/@]*)?@")
# A secret by its name; in a line of JSON it could be a number's, so that only words are searched.
NAMED = re.compile(
    r"((?:api[_-]?key|token|secret|password|passwd|authorization|signature|sig)"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+",
    re.IGNORECASE,
)
SHORTEST_SECRET = 6


def redactor(secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that takes pictures, keys and these secrets out of a text."""
    known = [each for each in secrets if len(each) >= SHORTEST_SECRET]
    known += [json.dumps(each)[1:-1] for each in known]
    exact = re.compile("|".join(map(re.escape, sorted(set(known), key=len, reverse=True))))

    def redacted(text: str) -> str:
        text = exact.sub("[secret]", text) if known else text
        text = PICTURE.sub("[picture]", text)
        text = LONG_BASE64.sub("[base64]", text)
        text = TOKEN.sub("[key]", CREDENTIALS.sub("[key]", text))
        return URL_LOGIN.sub(r"\1:[password]@", text)

    return redacted
