from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers.constraints import constraints_in


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("Describe it in one sentence", "Use exactly 1 sentence."),
        ("at most 20 words, in French", "Use at most 20 words, write in French."),
        ("a caption of under 50 words", "Use at most 49 words."),
        ("in ten words", "Use about 10 words."),
        ("a two-sentence summary", "Use exactly 2 sentences."),
        ("as JSON", "Write valid JSON and nothing else."),
        ("as a bulleted list for experts", "Write a list, one item a line, write for experts."),
        ("for a 5-year-old", "Write for a 5-year-old."),
        ("in a hundred words", "Use about 100 words."),
        ("Describe the harbour", ""),
        ("How many ships are in the two basins?", ""),
    ],
)
def test_what_is_asked_of_the_form_is_put_plainly(message: str, sentence: str) -> None:
    assert constraints_in(message).as_sentence() == sentence


@pytest.mark.parametrize(
    ("message", "text", "caveat"),
    [
        ("in one sentence", "A bay. And ships.", "It has 2 sentences; exactly 1 was asked for."),
        ("at most 3 words", "A bay with ships", "It has 4 words; at most 3 were asked for."),
        ("at least 5 words", "A bay", "It has 2 words; at least 5 were asked for."),
        ("as JSON", "A bay", "JSON was asked for; this is none."),
        ("as a list", "A bay", "A list was asked for; this is none."),
        ("in French", "There is a bay and the sea.", "French was asked for; this seems to be"),
        ("in 3 bullet points", "- a\n- b", "It has 2 bullet points; exactly 3 were asked for."),
        ("in two paragraphs", "One.", "It has 1 paragraph; exactly 2 were asked for."),
    ],
)
def test_what_is_not_kept_is_a_caveat(message: str, text: str, caveat: str) -> None:
    [found] = constraints_in(message).broken_by(text)
    assert found.startswith(caveat)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("in one sentence", "The site covers 3.5 hectares of water."),
        ("in about 10 words", "A small harbour with ships at two of its piers."),
        ("as JSON", '```json\n{"scene": "harbour"}\n```'),
        ("as a list", "1. ships\n2. piers"),
        ("auf German", "Ein Hafen mit der Stadt und den Schiffen."),
        ("for a child", "Boats!"),
    ],
)
def test_what_is_kept_is_none(message: str, text: str) -> None:
    assert constraints_in(message).broken_by(text) == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_may_be_read_and_checked(message: str, text: str) -> None:
    constraints_in(message).broken_by(text)


@pytest.mark.timeout(10)
def test_a_long_run_of_blanks_is_read_in_one_go() -> None:
    """Without a bound this takes minutes."""
    blanks = "\t" * 20_000
    asked = constraints_in(f"a list in{blanks}three words")
    assert asked.broken_by(f"one{blanks}two three") == ()


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("Décris l'image en deux phrases.", "Use exactly 2 sentences."),
        ("Beschreibe das Bild in drei Sätzen auf Englisch",
         "Use exactly 3 sentences, write in English."),
        ("Describe en inglés en 20 palabras", "Use about 20 words, write in English."),
        ("a caption of 20-30 words", "Use at most 30 words."),
        ("keep it under 100 characters", "Use at most 99 characters."),
        ("Describe it for a ten-year-old.", "Write for a ten-year-old."),
        ("translate it to German", "Write in German."),
    ],
)  # fmt: skip
def test_constraints_are_read_in_other_words_and_languages(message: str, sentence: str) -> None:
    assert constraints_in(message).as_sentence() == sentence


def test_characters_are_counted() -> None:
    asked = constraints_in("at most 10 characters")
    assert asked.broken_by("A harbour") == ()
    assert asked.broken_by("A big harbour") == ("It has 13 characters; at most 10 were asked for.",)
