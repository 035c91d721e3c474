"""The words that go to a model, and Swath's own words where no model is asked.

A question goes as the user wrote it: the embedded engine answers it word by word, and a VLM needs
nothing added to a plain question, but what is known of the image and cannot be seen in the picture:
the scene's size where it is scaled down, metres per pixel, how its bands became colours.
"""

from __future__ import annotations

from imagery import ImageRef
from modal_services.facts import PictureFacts, told

CAPTION = "Describe this satellite image in detail."

NO_IMAGE = (
    "Send a satellite image first: a path on the command line, an https URL or an upload over "
    "the API. Then ask again."
)
NOT_AVAILABLE = (
    "I cannot do that yet. I answer questions about a satellite image (what is there, how many, "
    "how much, yes or no) and I describe it."
)
OFF_TOPIC = (
    "I answer questions about satellite images, and that is none. Send an image and ask what it "
    "shows, how many of something there are, how much is covered by something, or for a "
    "description."
)


def question_prompt(user_query: str, image: ImageRef, max_pixels: int) -> str:
    """The VQA node's words: what the picture alone does not tell, and the user's own."""
    return _with_facts(user_query.strip(), image, max_pixels)


def caption_prompt(user_query: str, image: ImageRef, max_pixels: int) -> str:
    """The caption node's words: the user's own where there are any."""
    return _with_facts(user_query.strip() or CAPTION, image, max_pixels)


def _with_facts(text: str, image: ImageRef, max_pixels: int) -> str:
    known = (*_known_of(image), *image.notes)
    if image.width_px * image.height_px <= max_pixels and not known:
        return text
    return told(PictureFacts(image.width_px, image.height_px, known), text)


def _known_of(image: ImageRef) -> tuple[str, ...]:
    """What a raster's facts tell a model; nothing that is a guess."""
    facts = image.facts
    if facts is None:
        return ()
    metres, taken, ndvi = facts.ground_sample_distance_m, facts.acquired, facts.ndvi_mean
    roles = [band.role for band in facts.bands if band.role and band.role_known]
    return (
        *([f"{metres:.3g} m per pixel"] if metres else []),
        *([f"bands {', '.join(roles)}"] if roles and facts.kind == "multispectral" else []),
        *([f"taken {taken}"] if taken else []),
        *([f"mean NDVI {ndvi:.2f}"] if ndvi is not None else []),
        *(["radar, not optical"] if facts.kind == "sar-like" else []),
    )
