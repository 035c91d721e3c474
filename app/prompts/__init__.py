"""The words that go to a model, and Swath's own words where no model is asked."""

from app.prompts.building import (
    caption_prompt,
    caption_words,
    description_of,
    question_prompt,
    question_words,
)
from app.prompts.facts import facts_of

__all__ = [
    "caption_prompt",
    "caption_words",
    "description_of",
    "facts_of",
    "question_prompt",
    "question_words",
]
