from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from imagery import Picture
from imagery.decode import decode
from imagery.limits import Limits
from modal_services.engine import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineRefused,
    EngineTimeout,
    Prompt,
    Reply,
    Sampling,
    Turn,
    Usage,
)
from modal_services.engines.upstream import UpstreamEngine
from tests.fakes import FakeService, completion, png

pytestmark = pytest.mark.anyio


def picture(width: int = 32, height: int = 24) -> Picture:
    return decode(png(width, height), Limits())


def prompt(*parts: str | Picture, **sampling: Any) -> Prompt:
    turn = Turn("user", parts or ("How many ships?", picture()))
    return Prompt((turn,), Sampling(**sampling))


def engine(service: FakeService, **options: Any) -> UpstreamEngine:
    return UpstreamEngine("http://127.0.0.1:1/v1", "qwen", transport=service.transport, **options)


async def ask(service: FakeService, asked: Prompt | None = None, **options: Any) -> Reply:
    upstream = engine(service, **options)
    try:
        return await upstream.chat(asked or prompt())
    finally:
        await upstream.aclose()


async def test_the_servers_words_and_tokens_come_back() -> None:
    reply = await ask(FakeService())
    assert reply.text == "Three ships."
    assert reply.usage == Usage(7, 3)


async def test_the_picture_goes_first_and_as_data_that_we_made() -> None:
    service = FakeService()
    await ask(service)
    content = service.bodies[0]["messages"][0]["content"]
    assert [part["type"] for part in content] == ["image_url", "text"]
    assert content[0]["image_url"]["url"].startswith("data:image/png;base64,")


async def test_a_picture_is_brought_within_the_models_budget() -> None:
    service = FakeService()
    await ask(service, prompt(picture(200, 100)), limits=Limits(model_pixels=5000))
    sent = service.bodies[0]["messages"][0]["content"][0]["image_url"]["url"]

    small = decode(base64.b64decode(sent.split(",", 1)[1]), Limits())
    assert small.width_px * small.height_px <= 5000
    assert small.width_px == pytest.approx(2 * small.height_px, abs=2)


async def test_only_settings_that_were_given_are_sent() -> None:
    service = FakeService()
    await ask(service, prompt("hi", max_tokens=5, temperature=0.0, stop=("END",)))
    body = service.bodies[0]
    del body["messages"]
    assert body == {"model": "qwen", "max_tokens": 5, "temperature": 0.0, "stop": ["END"]}


async def test_words_alone_are_sent_as_a_plain_string() -> None:
    service = FakeService()
    await ask(service, prompt("hi"))
    assert service.bodies[0]["messages"] == [{"role": "user", "content": "hi"}]


async def test_the_key_is_sent_as_a_bearer_token() -> None:
    service = FakeService()
    await ask(service, api_key="sk-test")
    assert service.requests[0].headers["authorization"] == "Bearer sk-test"


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 7}])
async def test_missing_usage_is_not_made_up(usage: Any) -> None:
    answer = completion()
    answer["usage"] = usage
    reply = await ask(FakeService([httpx.Response(200, json=answer)]))
    assert reply.usage == (None if usage is None else Usage(7, 0))


async def test_an_answer_cut_by_the_token_limit_says_so() -> None:
    answer = completion()
    answer["choices"][0]["finish_reason"] = "length"
    reply = await ask(FakeService([httpx.Response(200, json=answer)]))
    assert reply.finish_reason == "length"


FAULTS: list[tuple[Any, type[EngineError], str]] = [
    (httpx.Response(400, json={"error": {"message": "bad image"}}), EngineRefused, "bad image"),
    (httpx.Response(422, json={"detail": "no"}), EngineRefused, "no"),
    (httpx.Response(401, json={"error": "Unauthorized"}), EngineFailed, "Unauthorized"),
    (httpx.Response(401, text="modal-http: missing credentials"), EngineFailed, "modal-http"),
    (httpx.Response(404, json={"error": {"message": "no model"}}), EngineFailed, "no model"),
    (httpx.Response(429, text=""), EngineBusy, "nothing"),
    (httpx.Response(503, json=["cold"]), EngineBusy, "cold"),
    (httpx.Response(504, text="slow"), EngineTimeout, "slow"),
    (httpx.Response(500, text="oops"), EngineFailed, "500"),
    (httpx.Response(200, text="<html>"), EngineFailed, "no completion"),
    (httpx.Response(200, json={"choices": []}), EngineFailed, "no completion"),
    (httpx.ConnectError("refused"), EngineBusy, "cannot be reached"),
    (httpx.ReadError("closed"), EngineBusy, "cannot be reached"),
    (httpx.ReadTimeout("slow"), EngineTimeout, "in time"),
]


@pytest.mark.parametrize(("step", "kind", "words"), FAULTS)
async def test_every_fault_of_a_server_is_one_of_ours(
    step: Any, kind: type[EngineError], words: str
) -> None:
    service = FakeService([step])
    with pytest.raises(EngineError, match=words) as caught:
        await ask(service)
    assert type(caught.value) is kind
    assert len(service.requests) == 1


@pytest.mark.parametrize(("header", "wait_s"), [("7", 7.0), ("soon", None), (None, None)])
async def test_retry_after_is_passed_on(header: str | None, wait_s: float | None) -> None:
    headers = {"Retry-After": header} if header else {}
    with pytest.raises(EngineBusy) as caught:
        await ask(FakeService([httpx.Response(503, headers=headers)]))
    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (httpx.Response(200, json={"data": []}), "ready"),
        (httpx.Response(401, text="no"), "down"),
        (httpx.ConnectError("refused"), "down"),
    ],
)
async def test_health_asks_for_the_models(step: Any, state: str) -> None:
    service = FakeService([step])
    assert (await engine(service).health()).state == state
    assert service.requests[0].url.path == "/v1/models"


async def test_the_default_transport_pools_connections() -> None:
    upstream = UpstreamEngine("http://127.0.0.1:1/v1", "qwen")
    assert (await upstream.health()).state == "down"
    await upstream.aclose()
