"""Any OpenAI-compatible server as an engine: vLLM, llama-server, Ollama, LM Studio, ...

The server only ever receives data: URIs that we made; it never fetches an address. Pictures go
first and words after, so that the next question on the same picture reuses the server's prefix
cache. Nothing is retried here: the client of this service does that, in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imagery import Limits
from modal_services.engine import (
    EngineBusy,
    EngineFailed,
    EngineHealth,
    EngineRefused,
    EngineTimeout,
    Prompt,
    Reply,
    Sampling,
    Turn,
    Usage,
)
from modal_services.pooling import pooled_transport

BUSY = {408, 425, 429, 503}
REFUSED = {400, 413, 415, 422}
TIMED_OUT = 504


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int = 0


class _Completion(BaseModel):
    """The least that any server's answer has; everything else is ignored."""

    model_config = ConfigDict(extra="ignore")

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class UpstreamEngine:
    """Asks an OpenAI-compatible server.

    Args:
        base_url: up to and with `/v1`.
        model: the server's name for its model.
        api_key: sent as a bearer token where given.
        timeout_s: for one answer.
        limits: `model_pixels` is what a picture is brought within before it is sent.
        transport: another way to the server, for tests.
    """

    name = "upstream"
    model_id: str | None = None

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "",
        timeout_s: float = 120,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.aliases = frozenset({model})
        self._model = model
        self._max_pixels = (limits or Limits()).model_pixels
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(timeout_s, connect=10),
            transport=transport or pooled_transport(),
            follow_redirects=True,  # Modal answers 303 after 150 s and goes on working
        )

    async def chat(self, prompt: Prompt) -> Reply:
        """Asks the server and reads its answer, whatever its habits.

        Raises:
            EngineRefused, EngineBusy, EngineTimeout, EngineFailed: see `EngineError`.
        """
        body = {
            "model": self._model,
            "messages": [_message(turn, self._max_pixels) for turn in prompt.turns],
            **_sampling(prompt.sampling),
        }
        try:
            response = await self._http.post("chat/completions", json=body)
        except (httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout) as error:
            raise EngineTimeout("The model server did not answer in time.") from error
        except httpx.TransportError as error:  # a refused connection is a ConnectTimeout here
            raise EngineBusy("The model server cannot be reached.") from error
        _raise_for_status(response)
        return _reply(response)

    async def health(self) -> EngineHealth:
        """Ready when the server lists its models."""
        try:
            response = await self._http.get("models", timeout=5)
        except httpx.TransportError as error:
            return EngineHealth("down", f"{type(error).__name__}: the model server is unreachable")
        if response.is_success:
            return EngineHealth("ready")
        return EngineHealth("down", f"the model server answers {response.status_code}")

    async def aclose(self) -> None:
        """Closes the pool."""
        await self._http.aclose()


def _message(turn: Turn, max_pixels: int) -> dict[str, Any]:
    if not turn.pictures:
        return {"role": turn.role, "content": turn.text}
    pictures = [
        {"type": "image_url", "image_url": {"url": picture.data_uri(max_pixels)}}
        for picture in turn.pictures
    ]
    return {"role": turn.role, "content": [*pictures, {"type": "text", "text": turn.text}]}


def _sampling(sampling: Sampling) -> dict[str, Any]:
    # max_tokens, not max_completion_tokens: Ollama and older servers know only the former.
    fields = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _raise_for_status(response: httpx.Response) -> None:
    if response.is_success:
        return
    status, said = response.status_code, _said(response)
    if status in REFUSED:
        raise EngineRefused(f"The model server refused the request: {said}")
    if status in BUSY:
        raise EngineBusy(f"The model server is busy: {said}", retry_after_s=_retry_after(response))
    if status == TIMED_OUT:
        raise EngineTimeout(f"The model server timed out: {said}")
    raise EngineFailed(f"The model server answered {status}: {said}")


def _said(response: httpx.Response) -> str:
    """The server's own words. Errors come as an object, a string or plain text."""
    try:
        body = response.json()
    except ValueError:
        return response.text.strip()[:300] or "nothing"
    error = body.get("error", body.get("detail", body)) if isinstance(body, Mapping) else body
    message = error.get("message", error) if isinstance(error, Mapping) else error
    return str(message)[:300]


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _reply(response: httpx.Response) -> Reply:
    try:
        completion = _Completion.model_validate_json(response.content)
    except ValidationError as error:
        raise EngineFailed("The model server answered something that is no completion.") from error
    choice, usage = completion.choices[0], completion.usage
    return Reply(
        text=(choice.message.content or "").strip(),
        finish_reason="length" if choice.finish_reason == "length" else "stop",
        usage=Usage(usage.prompt_tokens, usage.completion_tokens) if usage else None,
        detail={"engine": "upstream"},
    )
