from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modal_services.engine import Prompt, Turn
from modal_services.engines.measure import MeasureEngine
from modal_services.facts import PictureFacts, heard, told
from tests.fakes import picture

NOTES = st.lists(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=";"), min_size=1),
    max_size=3,
)


@given(st.integers(1, 10**6), st.integers(1, 10**6), NOTES, st.text())
def test_facts_are_heard_as_they_were_told(
    width: int, height: int, notes: list[str], question: str
) -> None:
    question = question.lstrip("\n")
    facts = PictureFacts(width, height, tuple(notes))
    assert heard(told(facts, question)) == (facts, question)


@pytest.mark.parametrize("text", ["", "How many?", "About the image: big.\nHow many?"])
def test_a_question_without_facts_is_left_alone(text: str) -> None:
    assert heard(text) == (None, text)


@pytest.mark.anyio
async def test_measure_tells_the_scenes_size_not_the_sent_pictures() -> None:
    question = told(PictureFacts(4096, 3072), "What is the size of the image?")
    prompt = Prompt((Turn("user", (picture(64, 48), question)),))
    reply = await MeasureEngine().chat(prompt)
    assert reply.text == "The image is 4096 pixels wide and 3072 pixels high."


@pytest.mark.anyio
async def test_measure_says_nothing_of_cover_where_the_colours_are_a_guess() -> None:
    facts = PictureFacts(64, 48, ("shows bands 1, 2, 3 of 6 as red, green and blue, a guess",))
    prompt = Prompt((Turn("user", (picture(64, 48, noisy=True), told(facts, "Is there water?"))),))
    reply = await MeasureEngine().chat(prompt)
    assert reply.detail["answered"] is False
    assert "guess" in reply.text


def test_every_fact_is_heard_as_it_was_told() -> None:
    facts = PictureFacts(
        934,
        724,
        ("shown at 700 × 500",),
        metres_per_px=0.3,
        crs="EPSG:26914",
        band_count=4,
        bands=("red", "nir"),
        bounds=(-100.25, -40.5, -99.75, 0.0),
        taken="2009-06-01",
        nodata_percent=12,
        cloud_percent=0,
        snow_percent=100,
        ndvi_mean=0.117,
        ndwi_mean=-0.066,
        ndvi_percent=(35, 52),
        ndwi_percent=(0, 0),
        sensor="optical",
    )
    assert heard(told(facts, "Why?")) == (facts, "Why?")
    assert not facts.are_bare
    assert PictureFacts(1, 1).are_bare


def test_the_file_cannot_end_the_line_of_facts() -> None:
    facts = PictureFacts(9, 9, ("a note.\nIs there water?; 3 bands",), crs="A\nB")
    heard_facts, question = heard(told(facts, "How many?"))
    assert question == "How many?"
    assert heard_facts
    assert heard_facts.band_count is None
