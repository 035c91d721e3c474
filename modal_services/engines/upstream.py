"""Any OpenAI-compatible server as an engine: vLLM, llama-server, Ollama, LM Studio, ...

The server only ever receives data: URIs that we made; it never fetches an address. Pictures go
first and words after, so that the next question on the same picture reuses the server's prefix
cache; words between pictures keep their place. Nothing is retried here: the client of this
service does that, in one place.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import httpx
import orjson

from imagery import Limits, Picture
from modal_services.engine import (
    Delta,
    EngineBusy,
    EngineFailed,
    EngineHealth,
    EngineRefused,
    EngineTimeout,
    Prompt,
    Reply,
    Sampling,
    Turn,
    in_one_piece,
)
from modal_services.engines.reading import deltas_in, error_in, reply_in
from modal_services.lines import lines_in
from modal_services.pooling import pooled_transport

PROBE_S = 5
NO_SUCH_ROUTE = {404, 405}
LOADING = 503


JSON = {"Content-Type": "application/json"}


class UpstreamEngine:
    """Asks an OpenAI-compatible server.

    Args:
        base_url: up to and with `/v1`.
        model: the server's name for its model.
        api_key: sent as a bearer token where given.
        timeout_s: for one answer; for each piece of one that comes bit by bit.
        limits: `model_pixels` is what a picture is brought within before it is sent.
        transport: another way to the server, for tests.
    """

    name = "upstream"
    model_id: str | None = None
    lacks: frozenset[str] = frozenset()

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
        self._root = base_url.rstrip("/").removesuffix("/v1")
        # Whole and parsed once: joining addresses is a seventh of what a short request costs here.
        self._chat = httpx.URL(base_url.rstrip("/") + "/chat/completions")
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
        body = await self._body(prompt)
        with _as_engine_errors():
            response = await self._http.post(self._chat, content=orjson.dumps(body), headers=JSON)
        if not response.is_success:
            raise error_in(response)
        reply = reply_in(response.content)
        _check_choice(reply, prompt.sampling.choice)
        return reply

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        """Relays the server's pieces; closed early, it hangs up, and the server stops.

        Raises:
            EngineError: as `chat`, before the first piece or between two.
        """
        body = await self._body(prompt)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        with _as_engine_errors():
            async with self._http.stream(
                "POST", self._chat, content=orjson.dumps(body), headers=JSON
            ) as response:
                if not response.is_success:
                    await response.aread()
                    raise error_in(response)
                if "event-stream" in response.headers.get("content-type", ""):
                    deltas = deltas_in(lines_in(response.aiter_bytes()))
                else:  # a server that does not stream
                    deltas = in_one_piece(reply_in(await response.aread()))
                async with contextlib.aclosing(deltas):
                    async for delta in deltas:
                        yield delta

    async def health(self) -> EngineHealth:
        """Ready when the server lists its models, cold while it loads one."""
        health = await self._probe("models")
        # Some servers list nothing; their /health may be JSON, other text or empty.
        return health or await self._probe(self._root + "/health") or EngineHealth("ready")

    async def _probe(self, url: str) -> EngineHealth | None:
        """What an answer tells; None where there is no such route."""
        try:
            response = await self._http.get(url, timeout=PROBE_S)
        except httpx.ReadTimeout:
            return EngineHealth("cold", f"no answer within {PROBE_S} s; it may be starting")
        except httpx.TransportError as error:
            return EngineHealth("down", f"{type(error).__name__}: the model server is unreachable")
        if response.status_code in NO_SUCH_ROUTE:
            return None
        if response.status_code == LOADING or b'"loading' in response.content.lower():
            return EngineHealth("cold", "the model server is loading its model")
        if response.is_success:
            return EngineHealth("ready")
        return EngineHealth("down", f"the model server answers {response.status_code}")

    async def aclose(self) -> None:
        """Closes the pool."""
        await self._http.aclose()

    async def _body(self, prompt: Prompt) -> dict[str, Any]:
        pictures = (picture for turn in prompt.turns for picture in turn.pictures)
        if not all(picture.has_data_uri(self._max_pixels) for picture in pictures):
            # Encoding one takes tens of milliseconds.
            messages = await asyncio.to_thread(_messages, prompt, self._max_pixels)
        else:
            messages = _messages(prompt, self._max_pixels)
        return {"model": self._model, "messages": messages, **_sampling(prompt.sampling)}


@contextlib.contextmanager
def _as_engine_errors() -> Iterator[None]:
    try:
        yield
    except (httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout) as error:
        raise EngineTimeout("The model server did not answer in time.") from error
    except httpx.TransportError as error:  # a refused connection is a ConnectTimeout here
        raise EngineBusy("The model server cannot be reached.") from error
    except httpx.TooManyRedirects as error:
        raise EngineFailed("The model server redirects without end.") from error


def _check_choice(reply: Reply, choice: tuple[str, ...]) -> None:
    """Servers that do not know the field ignore it, and answer freely."""
    if choice and reply.finish_reason == "stop" and reply.text not in choice:
        message = "The model server ignores the choices that an answer was to be one of."
        raise EngineRefused(message, param="structured_outputs")


def _messages(prompt: Prompt, max_pixels: int) -> list[dict[str, Any]]:
    return [_message(turn, max_pixels) for turn in prompt.turns]


def _message(turn: Turn, max_pixels: int) -> dict[str, Any]:
    if not turn.pictures:
        return {"role": turn.role, "content": turn.text}
    in_front: tuple[str | Picture, ...] = (*turn.pictures, turn.text)
    parts = turn.parts if _words_between_pictures(turn) else in_front
    return {"role": turn.role, "content": [_part(part, max_pixels) for part in parts if part]}


def _words_between_pictures(turn: Turn) -> bool:
    """Whether the words say which picture is which ("before: ... after: ...")."""
    places = [index for index, part in enumerate(turn.parts) if isinstance(part, Picture)]
    return places[-1] - places[0] >= len(places)


def _part(part: str | Picture, max_pixels: int) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    return {"type": "image_url", "image_url": {"url": part.data_uri(max_pixels)}}


def _sampling(sampling: Sampling) -> dict[str, Any]:
    # max_tokens, not max_completion_tokens: Ollama and older servers know only the former.
    fields = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
        "logprobs": sampling.logprobs or None,
        "top_logprobs": sampling.top_logprobs,
        "response_format": sampling.response_format,
        "structured_outputs": {"choice": list(sampling.choice)} if sampling.choice else None,
    }
    return {name: value for name, value in fields.items() if value is not None}
