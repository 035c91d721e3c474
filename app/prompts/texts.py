"""Every word that Swath itself says to a model or for one, as data.

A request to a model is: the picture, the line of facts, the question as the user wrote it, the form
of its answer. The embedded engine reads a question word by word, so it gets no form.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.state import VqaType

CAPTION = "Describe this satellite image in detail."
SHORT_CAPTION = "Describe this satellite image."

FORMS: Mapping[VqaType, str] = {
    "yesno": "Begin with yes or no, then give the reason in one short sentence.",
    "counting": "Begin with one whole number, in digits; 0 if there are none. Then stop.",
    "area": "Begin with a number and its unit, in digits. Then say how you judged it in one short "
    "sentence.",
    "general": "Answer with a short phrase.",
}
SUBTYPE_FORMS: Mapping[str, str] = {
    "coverage_percent": "Begin with a number in percent of the image, in digits; 0 % if there is "
    "none.",
    "choice": "Answer with one of the choices, in the question's words.",
    "reasoning": "Answer in at most three sentences, from what is visible.",
    "scene": "Answer with the kind of scene in a few words.",
}
ASKED_BEFORE = "(What the question refers to may be in this, which is answered apart: {before})"
IN_LANGUAGE = "Answer in {language}."
NO_SCALE = "The size of a pixel on the ground is not known: answer in percent of the image."
HONEST = "If the image does not show it, say so."

NO_IMAGE = (
    "Send a satellite image first: a path on the command line, an https URL or an upload over "
    "the API. Then ask again."
)
NOT_AVAILABLE = (
    "I cannot do that yet. I answer questions about a satellite image (what is there, how many, "
    "how much, yes or no) and I describe it."
)
NO_BOXES = (
    "I cannot draw boxes or masks yet. I answer questions about a satellite image (what is there, "
    "how many, how much, yes or no) and I describe it."
)
OFF_TOPIC = (
    "I answer questions about satellite images, and that is none. Send an image and ask what it "
    "shows, how many of something there are, how much is covered by something, or for a "
    "description."
)
SMALL_TALK: Mapping[str, str] = {  # by the task's subtype
    "greeting": "Hello. Ask about a satellite image: what it shows, how many of something there "
    "are, how much is covered by something. Or have it described.",
    "thanks": "You are welcome. Ask on whenever you like.",
    "passing": "All right. Ask on whenever you like.",
    "about_swath": "I answer questions about a satellite image (what is there, how many, how much, "
    "yes or no) and I describe it. Boxes, masks and comparisons of dates are not available yet. "
    "Every answer says which engine and model gave it, and how it is known. The README and, on a "
    "server, /docs tell the rest.",
}
COULD_NOT = "I could not answer: {reason}"
COULD_NOT_PART = 'I could not answer "{asked}": {reason}'
LEFT_OUT = "I take {most} questions at once; please send the rest again: {rest}"
OUR_FAULT = "Something went wrong in Swath."

INSTRUCTIONS = "Keep to these instructions where they fit the question:\n{instructions}"
