from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers import read_answer
from app.answers.constraints import constraints_in
from app.answers.labels import options_in
from app.answers.numbers import amounts
from app.answers.probabilities import yesno_confidence
from app.answers.reading import COUNTED_WELL, MANY, NO_SCALE, UNREAD
from app.answers.words import said
from app.answers.yesno import yes_or_no
from app.state import VqaType


@pytest.mark.parametrize(
    "text",
    [
        "Yes.", "yes, two of them", "**Yes**, there is.", "Sí, hay agua.", "Oui.", "Ja, ein Fluss.",
        "是的。", "はい", "हाँ", "Да, есть.", "There is a river.", "I think so.",
        "The image contains a harbour.", "Notably, there are ships.", "True", "Correct.",
        "Looking at the picture, yes.", "There are more, so the answer is yes.", "1. Yes",
        "There is no doubt that it is a harbour.",
    ],
)  # fmt: skip
def test_words_for_yes_are_read(text: str) -> None:
    assert yes_or_no(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "No.", "No, there is none.", "I don't think so.", "There are no ships visible.",
        "Non, il n'y en a pas.", "没有。", "いいえ", "Нет", "Nein.", "Not really.",
        "I don't see any buildings.",
        "The image does not show any ships.", "There appear to be no clouds.", "None are visible.",
        "The area isn't urban.", "There isn't any water.", "Based on the image, no.",
        "Since there are fewer trees than buildings, no.", "That's incorrect.",
        "The image depicts farmland; no buildings are present.",
    ],
)  # fmt: skip
def test_negations_are_read_as_no(text: str) -> None:
    assert yes_or_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "", "I cannot tell.", "It is not possible to tell.", "No idea.", "Maybe.", "Water.",
        "Nothing", "It is unclear whether there is water.", "Siberia", "No way to know.",
        "Yes and no: the north is flooded.", "Yes or no cannot be determined.",
        "No. 5 is the largest building; there is a runway.", "It's hard to say, but probably yes",
        "Likely, yes.",
    ],
)  # fmt: skip
def test_words_that_say_neither_are_no_answer(text: str) -> None:
    assert yes_or_no(text) is None
    assert read_answer(text, "yesno").caveats == (UNREAD["yesno"],)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("Three ships.", 3), ("About 1,200 ships.", 1200), ("a dozen", 12),
        ("twenty-five", 25), ("1.2 million", 1_200_000), ("No ships.", 0), ("There are none.", 0),
        ("two hundred", 200), ("In 2019 there were more. I see 4.", 4), ("In total 5: 2, 3", 5),
        ("I do not see any ships.", 0), ("There are 7 ships, 2 of which are large.", 7),
        ("I count 7 planes: 4 on the left and 3 on the right.", 7), ("half a dozen", 6),
        ("I can see 3 planes parked near terminal 2.", 3), ("There is a single ship.", 1),
        ("1 200", 1200), ("**4** ships", 4), ("Il y a trois bateaux.", 3), ("有3艘船。", 3),
        ("Keine Schiffe.", 0), ("没有船", 0), ("The image does not contain any ships.", 0),
        ("The image was taken on 2021-05-03 and shows 4 ships.", 4),
    ],
)  # fmt: skip
def test_counts_are_read_from_digits_and_words(text: str, value: int) -> None:
    assert read_answer(text, "counting").value == value


@pytest.mark.parametrize(
    "text",
    [
        "", "many", "unknown", "3.5", "2 large ships and 3 small ones", "over 50", "50+ cars",
        "at least 14", "fewer than 10", "1. Ship at the pier\n2. Barge", "- Ships: 4\n- Planes: 2",
        "No. 5 building", "There are no more than 5 ships.", "1,2,3", "9" * 400, "1e999",
    ],
)  # fmt: skip
def test_a_count_that_is_not_plain_is_none_with_a_caveat(text: str) -> None:
    found = read_answer(text, "counting")
    assert found.value is None
    assert len(found.caveats) == 1


@pytest.mark.parametrize("text", ["between 10 and 15", "10-15 ships", "10 to 15"])
def test_of_a_range_both_ends_are_kept_and_no_value(text: str) -> None:
    found = read_answer(text, "counting")
    assert (found.value, found.range) == (None, (10, 15))


def test_a_count_that_models_do_not_count_well_carries_a_caveat() -> None:
    assert MANY not in read_answer(str(COUNTED_WELL), "counting").caveats
    assert MANY in read_answer(str(COUNTED_WELL + 1), "counting").caveats


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("About 45 %", 45, "%"), ("45 percent", 45, "%"), ("12.5 hectares", 12.5, "ha"),
        ("0.3 km²", 0.3, "km2"), ("about 3 square kilometres", 3, "km2"), ("1,200 m2", 1200, "m2"),
        ("some 80 acres", 80, "acres"), ("300 m long", 300, "m"), ("5 sq km", 5, "km2"),
        ("At 0.5 m per pixel the lake is 1,200 m².", 1200, "m2"), ("20 Prozent", 20, "%"),
        ("With a GSD of 10 m it is about 4 km².", 4, "km2"), ("约占30%", 30, "%"),
        ("200 by 300 m, i.e. 6 hectares", 6, "ha"), ("5 ha = 50,000 m²", 5, "ha"),
    ],
)  # fmt: skip
def test_sizes_are_read_with_their_units(text: str, value: float, unit: str) -> None:
    found = read_answer(text, "area", metres_per_px=1.0)
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize("text", ["12 hectares", "1,200 m2", "300 m", "2 km²", "80 acres"])
def test_no_size_on_the_ground_without_a_ground_sample_distance(text: str) -> None:
    found = read_answer(text, "area", question="How large is the lake?")
    assert (found.value, found.range, found.unit) == (None, None, None)
    assert found.caveats[0].startswith(NO_SCALE[:40])


def test_a_share_needs_no_ground_sample_distance() -> None:
    assert read_answer("1,200 m2 (30 %)", "area").value == 30


@pytest.mark.parametrize(
    "question",
    ["At 0.5 m per pixel, how many m2 is the roof?", "The resolution is 10 m. How large is it?"],
)
def test_a_ground_sample_distance_may_be_stated_in_the_question(question: str) -> None:
    assert read_answer("120 m2", "area", question=question).value == 120


@pytest.mark.parametrize(
    "text", ["200 m x 300 m", "less than 5 %", "over 60 %", "Water: 20%, forest: 30%", "3,5 ha"]
)
def test_sides_bounds_and_several_shares_are_no_size(text: str) -> None:
    found = read_answer(text, "area", metres_per_px=1.0)
    assert (found.value, found.range, len(found.caveats)) == (None, None, 1)


def test_the_question_s_kind_chooses_among_units() -> None:
    words = "It is 300 m long and covers 2 ha, 5 % of the image."
    for subtype, unit in (("length", "m"), ("area", "ha"), ("coverage_percent", "%")):
        assert read_answer(words, "area", subtype=subtype, metres_per_px=1.0).unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "<think>1, 2, 3... or 5?</think>\n4", "it may be 3</think>4", '{"count": 4}',
        '```json\n{"answer": 4, "reason": "row by row"}\n```', "Answer: **4**", "- 4 ships",
    ],
)  # fmt: skip
def test_thoughts_marks_and_json_around_an_answer_are_not_read(text: str) -> None:
    assert read_answer(text, "counting").value == 4


def test_people_are_not_shown_what_a_model_thought() -> None:
    assert said("<think>Is that a dam?</think>\n\nA **dam**.") == "A **dam**."
    assert said("A dam, I <b>think</b>.") == "A dam, I <b>think</b>."


@pytest.mark.parametrize("text", ["<think>1, 2, 3...", '{"ships": 4, "planes": 2}', '{"a": [1]}'])
def test_a_cut_thought_or_json_of_several_values_is_no_count(text: str) -> None:
    assert read_answer(text, "counting").value is None


@pytest.mark.parametrize("text", ["I cannot determine it.", "Not visible.", "Unclear"])
def test_words_that_say_it_cannot_be_told_are_no_label(text: str) -> None:
    assert read_answer(text, "general", question="What colour is it?").value is None


def test_a_share_above_a_hundred_percent_is_none() -> None:
    assert read_answer("140 %", "area").value is None


@pytest.mark.parametrize(
    ("question", "text", "label"),
    [
        ("Is it a rural or an urban area?", "It is a rural area.", "rural"),
        ("is it rural or urban", "Urban, not rural.", "urban"),
        ("Is this a forest, a farmland or a city?", "This is farmland.", "farmland"),
        ("Which is larger, the lake or the forest?", "The lake is larger.", "lake"),
        ("Is it urban or rural?", "both", None),
        ("Is it urban or rural?", "It is a city.", None),
        ("What colour is the roof?", "red", "red"),
        ("What is it?", "A long answer that is not a label by any means at all.", None),
    ],
)
def test_choices_and_short_phrases_are_labels(question: str, text: str, label: str | None) -> None:
    assert read_answer(text, "general", question=question).value == label


def test_a_question_without_a_choice_has_no_options() -> None:
    assert options_in("How many ships are there?") == ()


def told(*likely: tuple[str, float]) -> dict[str, Any]:
    top = [{"token": word, "logprob": math.log(p)} for word, p in likely]
    return {"content": [{**top[0], "top_logprobs": top}]}


def test_confidence_is_the_share_of_the_said_word_among_yes_and_no() -> None:
    logprobs = told(("Yes", 0.6), (" yes", 0.1), ("No", 0.2), ("The", 0.1))
    assert yesno_confidence(logprobs, said=True) == pytest.approx(0.7 / 0.9, abs=1e-4)
    found = read_answer("Yes.", "yesno", logprobs=logprobs)
    assert found.confidence == pytest.approx(0.7778)
    assert found.confidence_from is not None


@pytest.mark.parametrize(
    "logprobs",
    [
        None, {}, {"content": None}, {"content": []}, {"content": ["x"]},
        {"content": [{"token": "Yes", "logprob": -0.1}]}, told(("The", 1.0)), told(("No", 0.9)),
    ],
)  # fmt: skip
def test_without_probabilities_there_is_no_confidence(logprobs: dict[str, Any] | None) -> None:
    assert read_answer("Yes.", "yesno", logprobs=logprobs).confidence is None


@given(st.text(max_size=200), st.sampled_from(["yesno", "counting", "area", "general"]))
def test_any_words_are_read_without_an_error(text: str, vqa_type: VqaType) -> None:
    found = read_answer(text, vqa_type, question=text)
    assert found.confidence is None
    assert found.value is None or found.range is None


@given(st.integers(0, 10**6))
def test_a_number_with_thousands_is_the_number(number: int) -> None:
    assert read_answer(f"There are {number:,} trees.", "counting").value == number
    assert [one.low for one in amounts(f"{number:,}")] == [number]


def test_json_that_is_nested_without_an_end_is_read_as_words() -> None:
    nested = '{"a":' * 100_000
    assert read_answer(nested, "counting").value is None
    assert constraints_in("as JSON").broken_by(nested) == ("JSON was asked for; this is none.",)
