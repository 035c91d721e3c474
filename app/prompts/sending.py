"""What a service is sent for a task, by what stands behind it.

A vision-language model gets facts, question, form and what was said before. The embedded engine
reads questions word by word: it gets them as they were asked, those before too, and no form. What
does not say what it is gets the question alone.
"""

from __future__ import annotations

from app.answers.constraints import without_wishes
from app.context import AgentContext
from app.prompts import texts
from app.prompts.building import (
    Words,
    caption_prompt,
    caption_words,
    instructed,
    question_prompt,
    question_words,
    with_what_it_means,
)
from app.state import Part, TaskState
from imagery import ImageRef


async def words_of_question(
    state: TaskState, part: Part, context: AgentContext, image: ImageRef
) -> Words:
    """The words of a VQA task."""
    vision, pixels = context.vision, context.images.limits.model_pixels
    said, before = state.get("history") or (), state.get("before") or ()
    if await vision.is_vlm("vqa"):
        asked = with_what_it_means(part["text"], before)
        kind = part["vqa_type"] or "general"
        words = question_words(asked, image, pixels, kind, part["subtype"], said)
        return instructed(words, state.get("instructions"))
    heard = (*said, *(("user", each) for each in before)) if await vision.measures("vqa") else ()
    return Words(question_prompt(part["text"], image, pixels), heard)


async def words_of_description(
    state: TaskState, part: Part, context: AgentContext, image: ImageRef
) -> Words:
    """The words of a captioning task; the embedded engine, which heeds no wishes, hears none.

    Where there was nothing but wishes it is asked to be short: most wishes are for less.
    """
    vision, pixels = context.vision, context.images.limits.model_pixels
    said = state.get("history") or ()
    if await vision.is_vlm("captioning"):
        words = caption_words(part["text"], image, pixels, said)
        return instructed(words, state.get("instructions"))
    if await vision.measures("captioning"):
        asked = without_wishes(part["text"])
        short = texts.SHORT_CAPTION if part["text"].strip() else ""
        return Words(caption_prompt(asked or short, image, pixels), said)
    return Words(caption_prompt(part["text"], image, pixels))
