"""Reading a service's completions.

Servers differ: usage may be missing; Swath's own services tell more in the field `swath`.
"""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from app.errors import VisionFailed
from app.services.statuses import cut_short, json_object, said_by
from app.services.vision import CaptionReply, Reply, Service, VqaReply
from modal_services.jobs import is_call_id


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Message(_Lenient):
    content: str | None = None


class _Choice(_Lenient):
    message: _Message
    logprobs: dict[str, Any] | None = None


class Completion(_Lenient):
    """The least that a completion has."""

    model: str = ""
    choices: list[_Choice] = Field(min_length=1)
    usage: dict[str, Any] | None = None
    swath: dict[str, Any] = Field(default_factory=dict)
    measurements: list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        """The words of the answer."""
        return (self.choices[0].message.content or "").strip()


def read(service: Service, response: httpx.Response) -> Completion:
    """The completion in an answer.

    Raises:
        VisionUnavailable: the answer is cut off, so that asking again may help.
        VisionFailed: it is none, or its words are empty.
    """
    try:
        completion = Completion.model_validate_json(response.content)
    except ValidationError as error:
        if _is_cut_off(response.content):
            raise cut_short(service) from error
        said = f": {said_by(response)}" if "error" in json_object(response) else "."
        message = f"The {service} service answered something that is no completion{said}"
        raise VisionFailed(message, service=service, status=response.status_code) from error
    if not completion.text:
        message = f"The {service} service gave an empty answer."
        raise VisionFailed(message, service=service, status=response.status_code)
    return completion


def _is_cut_off(body: bytes) -> bool:
    """Whether the body is JSON that only lacks its end."""
    try:
        from_json(body.decode(errors="ignore"))
    except ValueError as error:
        return str(error).startswith("EOF while parsing")
    return False


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
    if probabilities := completion.choices[0].logprobs:
        reply["logprobs"] = probabilities
    if completion.swath:
        measured = completion.measurements
        reply["detail"] = {**completion.swath, **({"measurements": measured} if measured else {})}


def call_id_in(service: Service, response: httpx.Response) -> str:
    """The id of a submitted job.

    Raises:
        VisionFailed: the service gave none.
    """
    call_id = json_object(response).get("call_id")
    if not isinstance(call_id, str) or not is_call_id(call_id):
        message = f"The {service} service took the job but gave no call id."
        raise VisionFailed(message, service=service, status=response.status_code)
    return call_id
