from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers import Answer
from app.api.openai.assembling import Text
from app.api.openai.routes import _next, _until_stopped


def answer(index: int, text: str, status: str = "answered") -> Answer:
    return Answer.model_validate(
        {"task_index": index, "task": "vqa", "status": status, "response_type": "answer"}
        | {"text": text, "raw": text}
    )


def test_the_second_task_waits_for_the_first() -> None:
    text = Text()
    assert text.token(1, "Yes") == ""
    assert text.token(0, "Three ") == "Three "
    assert text.token(1, ".") == ""
    assert text.token(0, "ships.") == "ships."
    assert text.answer(answer(1, "Yes.")) == ""
    assert text.answer(answer(0, "Three ships.")) == "\n\nYes."
    assert text.end("Three ships.\n\nYes.") == ""


def test_an_answer_without_tokens_comes_whole() -> None:
    text = Text()
    assert text.answer(answer(0, "Three ships.")) == "Three ships."
    assert text.end("Three ships.\n\nPlease send the rest again.") == (
        "\n\nPlease send the rest again."
    )


def test_the_same_no_is_said_once() -> None:
    text = Text()
    said = text.answer(answer(0, "No.")) + text.answer(answer(1, "No."))
    assert said + text.end("No.") == "No."


def test_a_failed_task_is_told_at_the_end() -> None:
    text = Text()
    assert text.answer(answer(0, "I could not.", "failed")) == ""
    assert text.answer(answer(1, "Yes.")) == ""
    assert text.end("I could not.\n\nYes.") == "I could not.\n\nYes."


@given(st.lists(st.text("ab \n", min_size=1, max_size=8), min_size=1, max_size=3, unique=True),
       st.randoms())  # fmt: skip
def test_in_whatever_order_tokens_come_the_text_is_that_of_the_turn(
    texts: list[str], rng: object
) -> None:
    text, said = Text(), ""
    coming = [(index, piece) for index, words in enumerate(texts) for piece in words]
    rng.shuffle(coming)  # type: ignore[attr-defined]
    left = {index: list(words) for index, words in enumerate(texts)}
    for index, _ in coming:
        said += text.token(index, left[index].pop(0))
        if not left[index]:
            said += text.answer(answer(index, texts[index]))
    whole = "\n\n".join(texts)
    assert said + text.end(whole) == whole


@pytest.mark.anyio
async def test_a_silent_stream_is_kept_open_by_comments_and_ended_by_a_stopping_server() -> None:
    closed = asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
            yield b""
        finally:
            closed.set()

    leaving, said = asyncio.Event(), pieces()
    first = asyncio.create_task(_next(said))
    stream = _until_stopped(first, said, leaving, ping_s=0.01)
    assert await anext(stream) == b"first"
    assert await anext(stream) == await anext(stream) == b": ping\n\n"
    leaving.set()
    last = await anext(stream)
    assert b'"code": "stopping"' in last
    assert [piece async for piece in stream] == []
    assert closed.is_set()
