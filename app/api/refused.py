"""A request that is refused before its route has seen it."""

from __future__ import annotations

from fastapi import HTTPException
from fastapi.responses import JSONResponse

from app.api.shape import error_body


class Refused(HTTPException):
    """Has a code for programs and a hint for people beside its status.

    Args:
        status: of the answer.
        code: for programs.
        message: a sentence for people.
        hint: what to do.
        retry_after_s: when to ask again, where that may help.
        close: whether the connection is of no more use, since its body was not read.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        *,
        retry_after_s: float | None = None,
        close: bool = False,
    ) -> None:
        headers: dict[str, str] = {"Connection": "close"} if close else {}
        if retry_after_s is not None:
            headers["Retry-After"] = str(max(1, round(retry_after_s + 0.5)))
        if status == 401:  # noqa: PLR2004 - what RFC 9110 asks of this one
            headers["WWW-Authenticate"] = "Bearer"
        super().__init__(status, message, headers)
        self.code = code
        self.hint = hint

    @property
    def response(self) -> JSONResponse:
        """The answer."""
        body = error_body(self.code, str(self.detail), self.hint)
        return JSONResponse(body, self.status_code, self.headers)
