from __future__ import annotations

import pytest

from app.prompts import caption_words, description_of, question_prompt, question_words, texts
from app.state import VqaType
from imagery import ImageRef
from modal_services.engines.measure.questions import read

SMALL = ImageRef(sha256="0" * 64, mime="image/png", width_px=9, height_px=9, bytes=9, source="x")
PIXELS = 10**6


@pytest.mark.parametrize(
    ("vqa_type", "begins"),
    [("yesno", "Begin with yes or no"), ("counting", "Begin with one whole number"),
     ("area", "Begin with a number and its unit"), ("general", "Answer with a short phrase")],
)  # fmt: skip
def test_every_kind_of_question_has_its_form_after_the_question(
    vqa_type: VqaType, begins: str
) -> None:
    lines = question_words("Ships?", SMALL, PIXELS, vqa_type).text.splitlines()
    assert lines[0] == "Ships?"
    assert lines[1].startswith(begins)


def test_facts_come_before_the_question_and_the_form_after_it() -> None:
    large = SMALL.model_copy(update={"width_px": 5000, "height_px": 5000})
    facts, question, form = question_words("Ships?", large, PIXELS, "yesno").text.splitlines()
    assert facts == "About the image: 5000 x 5000 px."
    assert (question, form) == ("Ships?", texts.FORMS["yesno"])


def test_with_a_history_the_facts_stand_in_its_first_message() -> None:
    large = SMALL.model_copy(update={"width_px": 5000, "height_px": 5000})
    history = (("user", "Ships?"), ("assistant", "Three."))
    words = question_words("What colour are they?", large, PIXELS, "general", None, history)  # type: ignore[arg-type]
    assert words.history == (
        ("user", "About the image: 5000 x 5000 px.\nShips?"),
        ("assistant", "Three."),
    )
    assert words.text.startswith("What colour are they?\n")


def test_an_area_without_a_scale_is_asked_for_in_percent() -> None:
    assert texts.NO_SCALE in question_words("How large is it?", SMALL, PIXELS, "area").text
    stated = question_words("At 1 m per pixel, how large is it?", SMALL, PIXELS, "area")
    assert texts.NO_SCALE not in stated.text


def test_the_answer_is_asked_for_in_the_users_language() -> None:
    words = question_words("¿Hay agua en esta imagen?", SMALL, PIXELS, "yesno")
    assert words.text.endswith("Answer in Spanish.")
    assert "Answer in" not in question_words("Is there water?", SMALL, PIXELS, "yesno").text


def test_a_language_that_is_asked_for_wins() -> None:
    words = caption_words("Décris cette image, in English", SMALL, PIXELS)
    assert words.text.endswith("Write in English.")


def test_a_bare_caption_has_swaths_own_words_and_no_form() -> None:
    assert caption_words("", SMALL, PIXELS).text == texts.CAPTION


@pytest.mark.parametrize("question", ["How much of the image is water?", "Is there water?"])
def test_the_embedded_engine_is_sent_the_question_alone_since_a_form_would_break_it(
    question: str,
) -> None:
    assert read(question_prompt(question, SMALL, PIXELS)) == read(question)
    assert read(question_words(question, SMALL, PIXELS, "yesno").text) != read(question)


@pytest.mark.parametrize(
    ("wishes", "asked"),
    [
        ("", ""),
        ("two sentences, in French", "Describe this satellite image: two sentences, in French"),
        ("Describe it for a child", "Describe it for a child"),
        ("write a caption of ten words", "write a caption of ten words"),
        ("décris l'image", "décris l'image"),
    ],
)
def test_wishes_for_a_description_are_put_as_a_request_for_one(wishes: str, asked: str) -> None:
    assert description_of(wishes) == asked
