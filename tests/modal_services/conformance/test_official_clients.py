from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import httpx2
import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr

from modal_services.api import create_service
from modal_services.stores.memory import MemoryJobs
from tests.fakes import data_uri, png
from tests.modal_services.conformance.deployments import (
    ALL,
    MODELS,
    TALKERS,
    Live,
    image,
    on,
    text,
)
from tests.modal_services.conformance.engines import MODEL, TalkingEngine
from tests.modal_services.conformance.live import live
from tests.modal_services.conformance.talker import BREAK_OFF, FAIL, Talker

pytestmark = pytest.mark.anyio

KEY = "sk-schlüssel"


class Count(BaseModel):
    ships: int


def asked(*content: Any) -> Any:
    return [{"role": "user", "content": list(content) or [text("How many ships?"), image()]}]


def client(service: Live, **options: Any) -> openai.OpenAI:
    http = httpx2.Client(trust_env=False)
    url = service.url + "/v1"
    return openai.OpenAI(base_url=url, api_key="none", http_client=http, **options)


@contextlib.asynccontextmanager
async def chat_model(service: Live, **options: Any) -> AsyncIterator[ChatOpenAI]:
    with httpx2.Client(trust_env=False) as http:
        async with httpx2.AsyncClient(trust_env=False) as async_http:
            yield ChatOpenAI(
                model=MODEL,
                base_url=service.url + "/v1",
                api_key=SecretStr("none"),
                max_completion_tokens=48,
                max_retries=0,
                http_client=http,
                http_async_client=async_http,
                **options,
            )


def block(data: bytes) -> dict[str, Any]:
    """A picture as LangChain writes it."""
    encoded = data_uri(data).partition(",")[2]
    return {"type": "image", "base64": encoded, "mime_type": "image/png"}


@on(*ALL)
def test_openai_gets_an_answer(service: Live) -> None:
    with client(service) as ai:
        answer = ai.chat.completions.create(model=MODEL, messages=asked(), max_tokens=16)
    assert answer.id.startswith("chatcmpl-")
    assert answer.choices[0].message.content
    assert answer.usage is not None


@on(*ALL)
async def test_openai_gets_an_answer_asynchronously(service: Live) -> None:
    http = httpx2.AsyncClient(trust_env=False)
    url = service.url + "/v1"
    async with openai.AsyncOpenAI(base_url=url, api_key="none", http_client=http) as ai:
        answer = await ai.chat.completions.create(model=MODEL, messages=asked(), max_tokens=16)
        pieces = await ai.chat.completions.create(
            model=MODEL, messages=asked(), max_tokens=16, stream=True
        )
        said = [piece.choices[0].delta.content or "" async for piece in pieces]
    assert answer.choices[0].message.content
    assert "".join(said)


@on(*ALL)
def test_openai_reads_a_stream_with_its_usage(service: Live) -> None:
    with client(service) as ai:
        stream = ai.chat.completions.create(
            model=MODEL,
            messages=asked(),
            max_tokens=16,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)
    assert chunks[-1].usage is not None
    assert chunks[-2].choices[0].finish_reason in ("stop", "length")


@on(*ALL)
def test_openai_lists_the_models(service: Live) -> None:
    with client(service) as ai:
        assert MODEL in {model.id for model in ai.models.list()}


@on(*TALKERS)
def test_openai_parses_structured_output(service: Live) -> None:
    with client(service) as ai:
        answer = ai.chat.completions.parse(
            model=MODEL, messages=asked(), max_tokens=48, response_format=Count
        )
    assert answer.choices[0].message.parsed == Count(ships=3)


@on(*MODELS)
def test_openai_passes_a_choice_on(service: Live) -> None:
    with client(service) as ai:
        answer = ai.chat.completions.create(
            model=MODEL,
            messages=asked(),
            extra_body={"structured_outputs": {"choice": ["yes", "no"]}},
        )
    assert answer.choices[0].message.content in ("yes", "no")


@on(*ALL)
def test_openai_raises_for_an_unknown_model(service: Live) -> None:
    with client(service) as ai, pytest.raises(openai.NotFoundError) as caught:
        ai.chat.completions.create(model="gpt-9", messages=asked())
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert caught.value.request_id


@on(*ALL)
def test_openai_raises_for_what_is_not_supported(service: Live) -> None:
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    with client(service) as ai, pytest.raises(openai.BadRequestError) as caught:
        ai.chat.completions.create(model=MODEL, messages=asked(), tools=tools)
    assert caught.value.param == "tools"


@on(*TALKERS)
def test_openai_raises_for_an_engine_that_fails(service: Live) -> None:
    with client(service, max_retries=0) as ai, pytest.raises(openai.InternalServerError) as caught:
        ai.chat.completions.create(model=MODEL, messages=asked(text(FAIL)))
    assert caught.value.code == "model_failed"


@on(*TALKERS)
def test_openai_raises_in_the_middle_of_a_stream(service: Live) -> None:
    with client(service) as ai:
        stream = ai.chat.completions.create(
            model=MODEL, messages=asked(text(BREAK_OFF)), stream=True
        )
        with pytest.raises(openai.APIError, match="as it was asked to"):
            list(stream)


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    app = create_service(MODEL, TalkingEngine(Talker()), MemoryJobs(), api_keys={KEY})
    with live(app) as url:
        yield url


@pytest.mark.parametrize("key", ["wrong", "sk-schlussel", "Bearer"])
def test_openai_raises_for_a_wrong_key(locked: str, key: str) -> None:
    http = httpx2.Client(trust_env=False)
    with (
        openai.OpenAI(base_url=locked + "/v1", api_key=key, http_client=http) as ai,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        ai.chat.completions.create(model=MODEL, messages=asked())
    assert caught.value.code == "invalid_api_key"
    assert caught.value.response.headers["www-authenticate"] == "Bearer"


def test_a_large_body_with_a_wrong_key_still_gets_its_refusal(locked: str) -> None:
    headers = {"Authorization": "Bearer wrong"}
    content = b"x" * (24 * 1024 * 1024)
    url = locked + "/v1/chat/completions"
    answer = httpx.post(url, content=content, headers=headers, trust_env=False)
    assert answer.status_code == 401


def test_a_key_opens_the_service_and_health_needs_none(locked: str) -> None:
    headers = {b"Authorization": f"Bearer {KEY}".encode()}
    url = locked + "/v1/models"
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 200
    assert httpx.get(url, trust_env=False).status_code == 401
    assert httpx.get(locked + "/health", trust_env=False).status_code == 200


@on(*ALL)
async def test_langchain_gets_an_answer_to_its_own_kind_of_picture(service: Live) -> None:
    content: list[str | dict[Any, Any]] = [text("How many ships?"), block(png())]
    async with chat_model(service) as model:
        answer = model.invoke([HumanMessage(content)])
    assert answer.text
    assert answer.usage_metadata is not None
    assert answer.response_metadata["finish_reason"] in ("stop", "length")


@on(*ALL)
async def test_langchain_streams(service: Live) -> None:
    async with chat_model(service, stream_usage=True) as model:
        pieces = list(model.stream("How many ships?"))
    assert "".join(piece.text for piece in pieces)
    assert any(piece.usage_metadata for piece in pieces)


@on(*ALL)
async def test_langchain_asks_asynchronously(service: Live) -> None:
    async with chat_model(service) as model:
        assert (await model.ainvoke("How many ships?")).text


@on(*TALKERS)
async def test_langchain_gets_structured_output(service: Live) -> None:
    async with chat_model(service) as model:
        counted = model.with_structured_output(Count, method="json_schema")
        assert counted.invoke("How many ships?") == Count(ships=3)


@on(*ALL)
async def test_langchain_raises_openais_errors(service: Live) -> None:
    async with chat_model(service) as model:
        with pytest.raises(openai.NotFoundError):
            model.bind(model="gpt-9").invoke("How many ships?")
