"""Follow-ups to the embedded engine, read as the whole questions that they stand for."""

from __future__ import annotations

import pytest

from modal_services.engine import Prompt, Turn
from modal_services.engines.measure import MeasureEngine
from modal_services.engines.measure.following import whole_question
from modal_services.engines.measure.intents import Understood
from modal_services.engines.measure.questions import read
from tests.modal_services.measuring import uniform

FOLLOWED = [
    (["How much water is there?"], "and vegetation?", "share", "vegetation"),
    (["How much water is there?", "and vegetation?"], "What about built-up land?", "share",
     "built-up"),
    (["Is there water?"], "And what about vegetation?", "presence", "vegetation"),
    (["What is the area of water in ha at 0.3 m per pixel?"], "and vegetation?", "area",
     "vegetation"),
    (["How much of the image is water?"], "In hectares?", "area", "water"),
    (["Is there water?"], "How large is it?", "area", "water"),
    (["Is there water?"], "What colour is it?", "dominant_colour", "water"),
    (["Is there water"], "how much does it cover?", "share", "water"),
    (["Is there water?"], "Are you sure?", "presence", "water"),
    (["Is there water?"], "Is it rural or urban?", "settlement", None),
    (["What colour is the center?"], "And the top left corner?", "dominant_colour", None),
    (["Describe the image"], "make it shorter", "description", None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "asked", "kind", "cover"), FOLLOWED)
def test_a_follow_up_is_read_as_the_question_it_stands_for(
    before: list[str], asked: str, kind: str, cover: str | None
) -> None:
    reading = read(whole_question(asked, before))
    assert isinstance(reading, Understood)
    assert [one.kind for one in reading.asked] == [kind]
    assert reading.asked[0].covers == ((cover,) if cover else ())


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ([], "and vegetation?"),
        (["How many cranes are there?"], "and water?"),  # of what was not understood
        (["How much water is there?", "How many houses are there?"], "and vegetation?"),
        (["Is there water?"], "and cranes?"),
        (["Is there water?"], "make it blue"),
        (["What colour is the center?"], "and vegetation?"),
        (["Is it rural or urban?"], "in hectares?"),
    ],
)
def test_what_follows_nothing_that_can_be_followed_is_not_understood(
    before: list[str], asked: str
) -> None:
    assert not isinstance(read(whole_question(asked, before)), Understood)


def test_a_ground_sample_distance_that_was_stated_still_holds() -> None:
    before = ["How much water is there, at 0.5 m per pixel?"]
    reading = read(whole_question("in acres?", before))
    assert isinstance(reading, Understood)
    assert (reading.asked[0].unit, reading.asked[0].metres_per_px) == ("acres", 0.5)


def test_a_whole_question_is_left_as_it_is() -> None:
    asked = "How many bands are there?"
    assert whole_question(asked, ["Is there water?", "Describe it"]) == asked


@pytest.mark.anyio
async def test_the_engine_hears_what_was_asked_before() -> None:
    picture = uniform((0, 0, 255))
    turns = (
        Turn("user", (picture, "What colour is the center?")),
        Turn("assistant", ("Blue.",)),
        Turn("user", ("and the top left corner?",)),
    )
    reply = await MeasureEngine().chat(Prompt(turns))
    assert reply.text.startswith("The dominant colour of the top left corner is blue")
    assert reply.detail["understood_as"] == "what colour is the top left corner"
