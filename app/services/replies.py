"""Reading what a service answered: its errors, and its completions.

Servers differ: an error is an object, a string or plain text; usage may be missing; Swath's own
services tell more in the field `swath`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import (
    JobMissing,
    VisionFailed,
    VisionRefused,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.vision import CaptionReply, Reply, Service, VqaReply
from modal_services.jobs import is_call_id

BUSY = frozenset({425, 429, 502, 503})
TIMED_OUT = frozenset({408, 504})
SERVER_ERROR = 500


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Message(_Lenient):
    content: str | None = None


class _Choice(_Lenient):
    message: _Message


class Completion(_Lenient):
    """The least that a completion has."""

    model: str = ""
    choices: list[_Choice] = Field(min_length=1)
    usage: dict[str, Any] | None = None
    swath: dict[str, Any] = Field(default_factory=dict)

    @property
    def text(self) -> str:
        """The words of the answer."""
        return (self.choices[0].message.content or "").strip()


def read(service: Service, response: httpx.Response) -> Completion:
    """The completion in an answer.

    Raises:
        VisionFailed: it is none, or its words are empty.
    """
    try:
        completion = Completion.model_validate_json(response.content)
    except ValidationError as error:
        message = f"The {service} service answered something that is no completion."
        raise VisionFailed(message, service=service, status=response.status_code) from error
    if not completion.text:
        message = f"The {service} service gave an empty answer."
        raise VisionFailed(message, service=service, status=response.status_code)
    return completion


def vqa_reply(completion: Completion, attempts: int, vqa_type: str | None = None) -> VqaReply:
    """A completion as the answer to a question."""
    model, engine = completion.model, _engine(completion)
    reply: VqaReply = {
        "answer": completion.text, "model": model, "engine": engine, "attempts": attempts
    }  # fmt: skip
    if vqa_type:
        reply["vqa_type"] = vqa_type
    _add_details(reply, completion)
    return reply


def caption_reply(completion: Completion, attempts: int) -> CaptionReply:
    """A completion as a description."""
    model, engine = completion.model, _engine(completion)
    reply: CaptionReply = {
        "caption": completion.text, "model": model, "engine": engine, "attempts": attempts
    }  # fmt: skip
    _add_details(reply, completion)
    return reply


def _engine(completion: Completion) -> str:
    # A bare vLLM or Ollama does not name its engine; its model's name says it best.
    return str(completion.swath.get("engine", completion.model or "unknown"))


def _add_details(reply: Reply, completion: Completion) -> None:
    counts = {k: v for k, v in (completion.usage or {}).items() if isinstance(v, int)}
    if counts:
        reply["usage"] = counts
    if completion.swath:
        reply["detail"] = completion.swath


def call_id_in(response: httpx.Response) -> str:
    """The id of a submitted job.

    Raises:
        VisionFailed: the service gave none.
    """
    call_id = json_object(response).get("call_id")
    if not isinstance(call_id, str) or not is_call_id(call_id):
        message = "The vqa service took the job but gave no call id."
        raise VisionFailed(message, service="vqa", status=response.status_code)
    return call_id


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The body, where it is a JSON object; some servers' /health is empty or plain text."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def raise_for_status(service: Service, response: httpx.Response) -> None:
    """Returns for a success, raises the error that a status stands for otherwise."""
    if not response.is_success:
        _raise(service, response)


def _raise(service: Service, response: httpx.Response) -> NoReturn:
    status, said = response.status_code, said_by(response)
    message = f"The {service} service answered {status}: {said}"
    if status in TIMED_OUT:
        raise VisionTimeout(message, service=service, status=status)
    if status in BUSY:
        wait_s = _retry_after(response)
        raise VisionUnavailable(message, service=service, status=status, retry_after_s=wait_s)
    if status >= SERVER_ERROR:
        raise VisionFailed(message, service=service, status=status)
    if status == httpx.codes.NOT_FOUND and "/status/" in response.request.url.path:
        raise JobMissing(message, service=service, status=status)
    raise VisionRefused(message, service=service, status=status, hint=_hint(status))


def said_by(response: httpx.Response) -> str:
    """The server's own words, shortened; never a traceback."""
    try:
        body = response.json()
    except ValueError:
        return response.text.strip()[:300] or "nothing"
    error = body.get("error", body.get("detail", body)) if isinstance(body, Mapping) else body
    message = error.get("message", error) if isinstance(error, Mapping) else error
    return str(message)[:300]


def _hint(status: int) -> str:
    match status:
        case 401 | 403:
            return "Set SWATH_SERVICE_API_KEY to the service's key."
        case 404:
            return "Check VQA_BASE_URL, CAPTION_BASE_URL, VQA_MODEL and CAPTION_MODEL."
        case _:
            return ""


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def unreachable(service: Service, base_url: str) -> VisionUnavailable:
    """A service that no connection can be made to, or that ended one without an answer."""
    message = f"The {service} service at {base_url} cannot be reached."
    name = "VQA_BASE_URL" if service == "vqa" else "CAPTION_BASE_URL"
    return VisionUnavailable(message, service=service, hint=f"Is it running? {name} names it.")
