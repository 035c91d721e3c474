from __future__ import annotations

import asyncio

import pytest

from app.routing import decide

pytestmark = pytest.mark.anyio
UNSURE = "ships harbour"


class Model:
    """Answers with what it was given, or fails; remembers what it was asked."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def __call__(self, prompt: str, choices: tuple[str, ...]) -> str:
        self.asked.append((prompt, choices))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_model_is_asked_once_where_rules_are_unsure() -> None:
    model = Model("a count")
    found = await decide(UNSURE, has_image=True, ask=model)
    assert (found.source, found.tasks[0].vqa_type) == ("model", "counting")
    assert found.tasks[0].text == UNSURE
    assert "vqa/general" in found.alternatives
    ((prompt, choices),) = model.asked
    assert UNSURE in prompt
    assert "a count" in choices


async def test_a_sure_message_costs_no_model_call() -> None:
    model = Model("a count")
    assert (await decide("Describe it", has_image=True, ask=model)).source == "rule"
    assert (await decide(UNSURE, has_image=True, task="vqa", ask=model)).source == "explicit"
    assert model.asked == []


async def test_no_model_is_asked_without_an_image() -> None:
    model = Model("a count")
    assert (await decide(UNSURE, has_image=False, ask=model)).source == "fallback"
    assert model.asked == []


async def test_no_model_is_asked_about_what_has_nothing_of_an_image_in_it() -> None:
    model = Model("a count")
    found = await decide("mumble grumble", has_image=True, ask=model)
    assert (found.source, found.tasks[0].task) == ("fallback", "off_topic")
    assert model.asked == []


@pytest.mark.parametrize(
    "answer", ["vqa/counting; DROP TABLE", "", RuntimeError("down"), TimeoutError(), ValueError()]
)
async def test_a_model_that_fails_or_says_something_else_changes_nothing(
    answer: str | Exception,
) -> None:
    found = await decide(UNSURE, has_image=True, ask=Model(answer))
    assert (found.source, found.tasks[0].vqa_type) == ("fallback", "general")


async def test_a_slow_model_is_not_waited_for() -> None:
    async def never(_prompt: str, _choices: tuple[str, ...]) -> str:
        await asyncio.Event().wait()
        return "a count"

    found = await decide(UNSURE, has_image=True, ask=never, within_s=0.01)
    assert found.source == "fallback"


async def test_cancelling_a_turn_cancels_the_question() -> None:
    async def never(_prompt: str, _choices: tuple[str, ...]) -> str:
        await asyncio.Event().wait()
        return "a count"

    deciding = asyncio.create_task(decide(UNSURE, has_image=True, ask=never))
    await asyncio.sleep(0)
    deciding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deciding


async def test_the_model_sees_no_address_and_little_text() -> None:
    model = Model("a count")
    await decide("http://10.0.0.1/ ships harbour " + "x" * 9000, has_image=True, ask=model)
    assert all("10.0.0.1" not in prompt and len(prompt) < 1000 for prompt, _ in model.asked)
