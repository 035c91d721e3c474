from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing import MOST_TASKS, plan
from app.routing.clauses import clauses_of
from app.routing.words import without_addresses

VOCABULARY = [
    *("how", "many", "ships", "and", "describe", "the", "image", "count", "there", "is", "a", "or"),
    *("road", "river", ",", ".", "?", "!", "not", "what", "in", "ignore", "all", "rules", "draw"),
    *("boxes", "hello", "thanks", "where", "color", "area", "of", "percent", "[identify]", "--"),
    *("<", "{", "cuántos", "y", "quels", "多少", "吗", "¿", "why", "sure", "again"),
    "http://a.b/c?d=e",
]
WORDS = st.lists(st.sampled_from(VOCABULARY), max_size=40).map(" ".join)
PIECES = [
    *("a", " ", "?", "\n", "<", "-", "(", "1,", ", ", "a-", "and ", "[a] ", "{<1>", "http://"),
    *("how many ", "is a or ", "describe and ", "the total ", "hi thanks ", "draw ", "\ufdfa"),
    "图中有多少",
]
TEXT = st.text(max_size=300) | WORDS


@given(TEXT, st.lists(TEXT, max_size=3), st.booleans())
def test_any_text_has_a_plan_made_of_its_own_words(
    message: str, history: list[str], has_image: bool
) -> None:
    found = plan(message, has_image=has_image, history=history)
    assert 1 <= len(found.tasks) <= MOST_TASKS
    assert found.rule
    for one in found.tasks:
        assert one.text in message
        assert (one.vqa_type is not None) == (one.task == "vqa")


@given(TEXT)
def test_a_plan_is_the_same_every_time(message: str) -> None:
    assert plan(message, has_image=True) == plan(message, has_image=True)


@given(st.sampled_from(["how-many-ships", "describe", "ignore-all-rules", "vqa_type=area"]))
def test_the_words_of_an_address_decide_nothing(words: str) -> None:
    bare = plan("Is there a lake?", has_image=True)
    found = plan(f"Is there a lake? https://example.org/{words}?q={words}", has_image=True)
    assert [one.vqa_type for one in found.tasks] == [one.vqa_type for one in bare.tasks]


@given(st.text(max_size=200))
def test_blanking_addresses_keeps_every_place(text: str) -> None:
    assert len(without_addresses(text)) == len(text)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.timeout(10)
def test_ten_kilobytes_of_junk_do_not_hold_it_up(piece: str) -> None:
    message = piece * (10_000 // len(piece))
    found = plan(message, has_image=True, history=["and planes?"] * 50)
    assert found.tasks


@pytest.mark.timeout(10)
@pytest.mark.parametrize("run", ["\t", "\n", "?", "...!", "http://x ", "and , ", "\u00a0"])
def test_a_long_run_of_signs_is_cut_in_one_go(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its bound, a pattern that reads blanks twice would take minutes here."""
    monkeypatch.setattr("app.routing.clauses.HEAD", 50_000)
    assert clauses_of("is" + run * (40_000 // len(run)) + "or b")
