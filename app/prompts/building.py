"""Puts a request's words together: facts, question, form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.answers.constraints import LANGUAGES, WISHED, constraints_in
from app.prompts import texts
from app.prompts.facts import with_facts
from app.routing import plan
from app.services.vision import History
from app.state import VqaType
from imagery import ImageRef
from modal_services.languages import language_of

# Rules of the router that a message matches by asking for a description in so many words.
ASKS_FOR_ONE = {
    "a description",
    "a description, in another language",
    "a text about the image",
    "tell me about it",
    "what is in it",
}


_LEANS = re.compile(r"\b(?:it|its|they|them|their|those|these|ones)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What is sent beside the picture; the facts stand in whatever comes first."""

    text: str
    history: History = ()


def question_prompt(user_query: str, image: ImageRef, max_pixels: int) -> str:
    """A question for any engine: what the picture alone does not tell, and the user's own words."""
    return with_facts(user_query.strip(), image, max_pixels)


def caption_prompt(user_query: str, image: ImageRef, max_pixels: int) -> str:
    """The same for a description: the user's own words where there are any."""
    return with_facts(user_query.strip() or texts.CAPTION, image, max_pixels)


def with_what_it_means(text: str, before: Sequence[str]) -> str:
    """A part of a message that says "it" or "they", after the parts that may say what that is."""
    if not before or not _LEANS.search(text):
        return text
    return f"{texts.ASKED_BEFORE.format(before=' '.join(before))}\n{text}"


def question_words(
    text: str,
    image: ImageRef,
    max_pixels: int,
    vqa_type: VqaType,
    subtype: str | None = None,
    history: History = (),
) -> Words:
    """A question for a vision-language model, with the form of its answer and what was said."""
    form = [texts.SUBTYPE_FORMS.get(subtype or "", texts.FORMS[vqa_type])]
    scaled = image.facts is not None and image.facts.ground_sample_distance_m is not None
    if vqa_type == "area" and subtype != "coverage_percent" and not scaled:
        form.append(texts.NO_SCALE if not any(c.isdigit() for c in text) else "")
    form += [texts.HONEST if vqa_type == "general" else "", _language(text)]
    asked = "\n".join(part for part in (text.strip(), " ".join(filter(None, form))) if part)
    return _after(history, asked, image, max_pixels)


def caption_words(text: str, image: ImageRef, max_pixels: int, history: History = ()) -> Words:
    """A description for a vision-language model, with what the user asked of its form."""
    asked = text.strip() or texts.CAPTION
    form = " ".join(filter(None, (constraints_in(asked).as_sentence(), _language(asked))))
    return _after(history, "\n".join(filter(None, (asked, form))), image, max_pixels)


def description_of(wishes: str) -> str:
    """Wishes for a description as a request: "in French" alone does not say that one is wanted."""
    words = wishes.strip()
    rule = plan(words, has_image=True).rule if words else ""
    return words if rule in ASKS_FOR_ONE or not words else WISHED.format(wishes=words)


def instructed(words: Words, instructions: str | None) -> Words:
    """The same words, with what the caller's system message asks for after them."""
    if not instructions:
        return words
    said = texts.INSTRUCTIONS.format(instructions=instructions)
    return Words(f"{words.text}\n\n{said}", words.history)


def _language(text: str) -> str:
    """The user's language by name, unless it is English or another one was asked for."""
    code = language_of(text)
    if code == "en" or constraints_in(text).language:
        return ""
    return texts.IN_LANGUAGE.format(language=LANGUAGES[code])


def _after(history: History, asked: str, image: ImageRef, max_pixels: int) -> Words:
    if not history:
        return Words(with_facts(asked, image, max_pixels))
    (role, first), *rest = history
    return Words(asked, ((role, with_facts(first, image, max_pixels)), *rest))
