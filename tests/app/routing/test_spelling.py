from __future__ import annotations

import pytest

from app.routing import plan
from app.routing.spelling import spelled


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("how mny cars", "how many cars"),
        ("discribe teh pictuer", "describe the picture"),
        ("persentage of vegatation", "percentage of vegetation"),
        ("wats the colour", "what is the color"),
        ("pls chk if any1 is there", "please check if anyone is there"),
        ("cnt of ppl", "count of people"),
    ],
)
def test_slips_and_short_forms_are_read_as_what_is_meant(written: str, meant: str) -> None:
    assert spelled(written) == meant


@pytest.mark.parametrize(
    "words",
    ["the defects were identified", "an identity", "runaway", "described", "countries", "county"],
)
def test_words_of_their_own_are_left_as_they_are(words: str) -> None:
    assert spelled(words) == words


def test_what_is_handed_on_keeps_the_user_s_spelling() -> None:
    found = plan("discribe teh image", has_image=True)
    assert (found.tasks[0].task, found.tasks[0].text) == ("captioning", "discribe teh image")
