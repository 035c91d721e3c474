"""JSON bodies, strictly: what other programs would read otherwise is not read at all.

Python's own reader takes NaN, keeps the last of two equal keys, makes numbers of any length and
strings that are no Unicode.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.api.refused import Refused

DEEPEST = 32
LONGEST_NUMBER = 20  # digits, as many as 64 bits need
# Each value of a list or an object but its first stands behind one. Reading millions of tiny values
# takes half a minute, in which nobody else is answered.
MOST_COMMAS = 50_000
HINT = "See /docs for the fields."
UNPACKED = "Send it as it is, without Content-Encoding."


def strict_json(body: bytes) -> Any:
    """The value of a body.

    Raises:
        Refused: it is no JSON in UTF-8, or not the same to every reader.
    """
    if body.count(b",") > MOST_COMMAS:
        _refuse("The body has too many values.")
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_whole,
            parse_float=_broken,
        )
    except UnicodeDecodeError:
        _refuse("The body is not UTF-8.")
    except RecursionError:
        _refuse("The body is nested too deeply.")
    except json.JSONDecodeError:
        _refuse("The body is not valid JSON.")
    _look_through(found)
    return found


def _refuse(message: str) -> NoReturn:
    raise Refused(400, "json_invalid", message, HINT) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse("An object has a key twice.")
    if not all(key.isascii() for key in found):
        _refuse("An object has a key that is not ASCII.")
    return found


def _constant(_name: str) -> NoReturn:
    _refuse("NaN and Infinity are no numbers of JSON.")


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        _refuse("A number is too long.")
    return int(digits)


def _broken(digits: str) -> float:
    found = float(digits)
    if found in (float("inf"), float("-inf")):
        _refuse("A number is too large.")
    return found


def _look_through(value: Any) -> None:
    """Refuses half characters and what is nested too deeply, without recursion."""
    left: list[tuple[Any, int]] = [(value, 0)]
    while left:
        each, depth = left.pop()
        if depth > DEEPEST:
            _refuse("The body is nested too deeply.")
        if isinstance(each, dict):
            left.extend((inner, depth + 1) for inner in each.values())
        elif isinstance(each, list):
            left.extend((inner, depth + 1) for inner in each)
        elif isinstance(each, str) and not each.isascii():
            _refuse_half_characters(each)


def _refuse_half_characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        _refuse("A string has half a character (a lone surrogate).")


class _StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json(await self.body())


class StrictRoute(APIRoute):
    """A route whose JSON is read strictly; a body of another type is a 415."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, given requests that read strictly."""
        handler, takes_json = super().get_route_handler(), self.body_field is not None

        async def strictly(request: Request) -> Response:
            if takes_json and request.headers.get("content-encoding", "identity") != "identity":
                raise Refused(415, "unsupported_encoding", "The body is compressed.", UNPACKED)
            if takes_json and not _is_json(request.headers.get("content-type", "")):
                raise Refused(
                    415,
                    "unsupported_media_type",
                    "The body is to be JSON.",
                    "Send it with the header `Content-Type: application/json`.",
                )
            return await handler(_StrictRequest(request.scope, request.receive))

        return strictly


def _is_json(content_type: str) -> bool:
    kind, _, _ = content_type.partition(";")
    return kind.strip().lower() == "application/json"
