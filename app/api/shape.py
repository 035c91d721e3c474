"""The one shape of errors: what a client may rely on.

{"error": {"code": "for programs", "message": "for people", "hint": "what to do", "request_id"}}
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from app.api.request_id import current_request_id
from app.turn import Turn


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="for programs; stable")
    message: str = Field(description="a sentence for people")
    hint: str | None = Field(default=None, description="what to do about it")
    request_id: str = Field(description="also in the header X-Request-ID, and in the log")


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


def error_body(code: str, message: str, hint: str = "") -> dict[str, Any]:
    """An error's body, with the id of the request that is being answered."""
    told = {"hint": hint} if hint else {}
    detail = {"code": code, "message": message, **told, "request_id": current_request_id()}
    return {"error": detail}


Responses = dict[int | str, dict[str, Any]]


def _documented(descriptions: dict[int, str], model: object = ErrorBody) -> Responses:
    return {
        status: {"model": model, "description": description}
        for status, description in descriptions.items()
    }


# What any route may answer: who is not let in, and who comes at a bad time.
EVERYWHERE = _documented(
    {
        400: "the request cannot be worked with",
        401: "no valid access key",
        403: "a web page of another origin",
        404: "there is no such thing, or it is another key's",
        405: "another method",
        408: "the body came too slowly",
        413: "the body or the picture is too large",
        415: "not JSON, or not a picture that is read",
        421: "an unexpected Host header",
        422: "a field is missing or cannot be, or the picture is damaged",
        429: "too many requests of this key; see Retry-After",
        500: "a fault of Swath's",
        503: "too busy, or going away; see Retry-After",
    }
)
# The same for routes whose answers are text: their errors are JSON all the same.
BESIDE_TEXT: Responses = {
    status: {
        "description": each["description"],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
    }
    for status, each in EVERYWHERE.items()
}
# What a route that asks a model may answer besides. Where there was a turn, it is in the body.
ASKING_A_MODEL = _documented(
    {
        409: "the thread answers another message",
        502: "a model service failed",
        503: "a model service is busy or unreachable, or Swath is",
        504: "a model service did not answer in time",
    },
    Turn | ErrorBody,
)
# What a message that may be sent again may be answered besides.
SENT_AGAIN = _documented(
    {
        409: "the turn that was sent again still runs, or was cancelled; or its thread is busy",
        422: "the Idempotency-Key was sent before with another request; or the body cannot be",
    }
)
