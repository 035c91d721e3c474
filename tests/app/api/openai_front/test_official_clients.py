from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from app.api import create_app
from app.settings import Settings
from tests.app.api.talking import Held, chatting
from tests.fakes import data_uri, png
from tests.modal_services.conformance.live import live

MODEL = "swath-agent"


@pytest.fixture
def engine() -> Held:
    return Held()


@pytest.fixture
def url(tmp_path: Path, engine: Held) -> Iterator[str]:
    with chatting(tmp_path, engine) as url:
        yield url + "/v1"


@pytest.fixture
def ai(url: str) -> Iterator[openai.OpenAI]:
    http = httpx2.Client(trust_env=False)
    with openai.OpenAI(base_url=url, api_key="none", http_client=http, max_retries=0) as client:
        yield client


@pytest.fixture
def model(url: str) -> Iterator[ChatOpenAI]:
    with httpx2.Client(trust_env=False) as http:
        yield ChatOpenAI(
            model=MODEL,
            base_url=url,
            api_key=SecretStr("none"),
            max_retries=0,
            http_client=http,
            stream_usage=True,
        )


def user(words: str, *pictures: bytes) -> Any:
    images = [{"type": "image_url", "image_url": {"url": data_uri(one)}} for one in pictures]
    return {"role": "user", "content": [{"type": "text", "text": words}, *images]}


def rows(tmp_path: Path) -> int:
    with closing(sqlite3.connect(tmp_path / "threads.sqlite3")) as database:
        names = ("swath_turns", "swath_transcript", "checkpoints", "writes")
        return sum(
            database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in names
        )


def test_openai_gets_an_answer_with_the_plan_and_the_log(ai: openai.OpenAI, tmp_path: Path) -> None:
    answer = ai.chat.completions.create(model=MODEL, messages=[user("How many ships?", png())])
    assert answer.choices[0].message.content == "Three ships."
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 3)
    more = answer.model_extra["swath"] if answer.model_extra else {}
    assert more["plan"]["tasks"][0]["vqa_type"] == "counting"
    assert more["answers"][0]["value"] == 3
    assert more["execution_log"]
    assert more["thread_id"] is None


def test_openai_gets_an_answer_without_a_picture(ai: openai.OpenAI, engine: Held) -> None:
    answer = ai.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "Hello!"}]
    )
    assert answer.choices[0].message.content
    assert engine.prompts == []


def test_openai_reads_a_stream_with_its_usage(ai: openai.OpenAI) -> None:
    chunks = list(
        ai.chat.completions.create(
            model=MODEL,
            messages=[user("How many ships?", png())],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    words = [one.choices[0].delta.content for one in chunks if one.choices]
    assert [one for one in words if one] == ["Three ", "ships", "."]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 10
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].model_extra is not None
    assert chunks[-2].model_extra["swath"]["status"] == "answered"
    assert len({one.id for one in chunks}) == 1


def test_a_stream_of_two_tasks_is_one_text(ai: openai.OpenAI) -> None:
    asked: Any = [user("Describe the scene. Is there water?", png())]
    whole = ai.chat.completions.create(model=MODEL, messages=asked)
    pieces = ai.chat.completions.create(model=MODEL, messages=asked, stream=True)
    text = "".join(one.choices[0].delta.content or "" for one in pieces if one.choices)
    assert len(whole.model_extra["swath"]["answers"]) == 2  # type: ignore[index]
    assert text.strip()
    assert set(text.split("\n\n")) == {"Three ships."}


def test_openai_is_asked_several_turns_and_earlier_ones_go_to_the_service(
    ai: openai.OpenAI, engine: Held
) -> None:
    said: Any = [
        {"role": "system", "content": "Answer in French. " + "x" * 5000},
        user("How many ships are there?", png()),
        {"role": "assistant", "content": "Three ships."},
        {"role": "user", "content": "and planes?"},
    ]
    answer = ai.chat.completions.create(model=MODEL, messages=said)
    assert answer.model_extra["swath"]["plan"]["source"] == "history"  # type: ignore[index]
    assert answer.model_extra["swath"]["plan"]["tasks"][0]["vqa_type"] == "counting"  # type: ignore[index]
    [prompt] = engine.prompts
    words = str(prompt)
    assert "How many ships are there?" in words
    assert "Answer in French." in words
    assert words.count("x") < 3000


def test_without_a_thread_nothing_is_kept_in_the_database(
    ai: openai.OpenAI, tmp_path: Path
) -> None:
    for _ in range(3):
        ai.chat.completions.create(model=MODEL, messages=[user("How many ships?", png())])
    assert rows(tmp_path) == 0


@pytest.mark.parametrize("how", ["header", "metadata"])
def test_a_thread_that_the_client_names_is_kept(ai: openai.OpenAI, how: str) -> None:
    named: Any = (
        {"extra_headers": {"X-Thread-Id": "mine"}}
        if how == "header"
        else {"metadata": {"thread_id": "mine"}}
    )
    ai.chat.completions.create(model=MODEL, messages=[user("How many ships?", png())], **named)
    again: Any = [{"role": "user", "content": "Is there water?"}]
    second = ai.chat.completions.create(model=MODEL, messages=again, **named)
    more: Any = second.model_extra
    assert more["swath"]["thread_id"] == "mine"
    assert more["swath"]["image"]
    base = str(ai.base_url).removesuffix("/v1/")
    kept = httpx2.get(f"{base}/api/threads/mine", trust_env=False).json()
    assert [one["role"] for one in kept["messages"]] == ["user", "assistant"] * 2


def test_openai_lists_the_model(ai: openai.OpenAI) -> None:
    assert [one.id for one in ai.models.list()] == [MODEL]
    assert ai.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        ai.models.retrieve("gpt-9")


def test_openai_raises_for_an_unknown_model(ai: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        ai.chat.completions.create(model="gpt-9", messages=[user("?")])
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


REFUSED: dict[str, dict[str, Any]] = {
    "tools": {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
    "n": {"n": 2},
    "logprobs": {"logprobs": True},
    "response_format": {"response_format": {"type": "json_object"}},
    "structured_outputs": {"extra_body": {"structured_outputs": {"choice": ["yes"]}}},
}


@pytest.mark.parametrize("param", REFUSED)
def test_openai_raises_for_what_is_not_supported(ai: openai.OpenAI, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ai.chat.completions.create(model=MODEL, messages=[user("?")], **REFUSED[param])
    assert (caught.value.param, caught.value.code) == (param, "unsupported_parameter")


BAD: dict[str, Any] = {
    "no question": [{"role": "assistant", "content": "Hello."}],
    "nothing": [{"role": "user", "content": ""}],
    "two pictures": [user("?", png(), png(20, 20))],
    "no picture": [user("?", b"<html>")],
    "a private address": [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "https://10.0.0.1/a"}}],
        }
    ],
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("messages", BAD.values(), ids=BAD.keys())
def test_openai_raises_for_a_bad_request(ai: openai.OpenAI, messages: Any, stream: bool) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ai.chat.completions.create(model=MODEL, messages=messages, stream=stream)
    assert caught.value.message
    assert caught.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ({"type": "input_image", "image_url": "https://a.example/a.png"}, "content.1: a part is"),
        (
            {"type": "image_url", "image_url": {"url": "x", "detail": "?"}},
            "content.1.image_url.detail",
        ),
        ({"type": "text"}, "content.1.text"),
    ],
)
def test_a_part_that_cannot_be_is_named(ai: openai.OpenAI, part: Any, where: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        content: Any = [{"type": "text", "text": "Ships?"}, part]
        ai.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    assert f"messages.0.{where}" in caught.value.message
    assert "input_image" not in caught.value.message


def test_openai_may_ask_for_the_likeliest_words_alone(ai: openai.OpenAI) -> None:
    answer = ai.chat.completions.create(model=MODEL, messages=[user("Ships?", png())], top_p=0)
    assert answer.choices[0].message.content


def test_what_is_no_json_is_an_error_in_openais_shape(url: str) -> None:
    answer = httpx2.post(
        f"{url}/chat/completions",
        content=b"{",
        headers={"Content-Type": "application/json"},
        trust_env=False,
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "json_invalid")


@pytest.mark.parametrize("stream", [False, True])
def test_openai_raises_when_no_service_answers(tmp_path: Path, stream: bool) -> None:
    settings = Settings(
        data_dir=tmp_path, vqa_base_url="http://127.0.0.1:1", max_attempts=1, _env_file=None
    )
    http = httpx2.Client(trust_env=False)
    with (
        live(create_app(settings, isolated=False)) as url,
        openai.OpenAI(
            base_url=f"{url}/v1", api_key="none", http_client=http, max_retries=0
        ) as client,
        pytest.raises(openai.InternalServerError) as caught,
    ):
        client.chat.completions.create(model=MODEL, messages=[user("Ships?", png())], stream=stream)
    assert (caught.value.status_code, caught.value.code) == (503, "vision_unavailable")


def test_a_client_that_leaves_its_stream_ends_the_call_of_the_service(
    ai: openai.OpenAI, engine: Held
) -> None:
    engine.held = True
    stream = ai.chat.completions.create(
        model=MODEL, messages=[user("How many ships?", png())], stream=True
    )
    next(iter(stream))
    stream.close()
    assert engine.left.wait(10)


def test_langchain_gets_an_answer_to_its_own_kind_of_picture(model: ChatOpenAI) -> None:
    encoded = data_uri(png()).partition(",")[2]
    content: list[str | dict[Any, Any]] = [
        {"type": "text", "text": "How many ships?"},
        {"type": "image", "base64": encoded, "mime_type": "image/png"},
    ]
    answer = model.invoke([HumanMessage(content)])
    assert answer.text == "Three ships."
    assert answer.usage_metadata is not None


def test_langchain_streams(model: ChatOpenAI) -> None:
    pieces = list(model.stream([HumanMessage([user("How many ships?", png())["content"][1]])]))
    assert "".join(piece.text for piece in pieces) == "Three ships."
    assert any(piece.usage_metadata for piece in pieces)


def test_langchain_goes_on(model: ChatOpenAI, engine: Held) -> None:
    answer = model.invoke(
        [
            SystemMessage("Be brief."),
            HumanMessage(user("How many ships are there?", png())["content"]),
            AIMessage("Three ships."),
            HumanMessage("and planes?"),
        ]
    )
    assert answer.text == "Three ships."
    assert "How many ships are there?" in str(engine.prompts[0])


def test_langchain_raises_openais_errors(model: ChatOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        model.bind(model="gpt-9").invoke("How many ships?")
