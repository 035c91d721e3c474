"""The embedded engine: answers a few kinds of question by measuring, and refuses the rest.

Nothing heavy is imported before a question is understood that needs a measurement.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import replace

from imagery import Picture
from modal_services.engine import Delta, EngineHealth, Prompt, Reply, Usage, in_one_piece
from modal_services.engines.measure.answers import measure
from modal_services.engines.measure.view import View
from modal_services.facts import PictureFacts, heard

__all__ = ["MeasureEngine", "View", "measure"]

KEPT_VIEWS = 8


class MeasureEngine:
    """Measures the one picture of a prompt; holds no connection.

    What was measured of the last pictures is kept for the next question on them.
    """

    name = "measure"
    model_id: str | None = "local-measurements"
    aliases = frozenset({"local-measurements", "qwen-vqa-special", "qwen-caption-special"})
    lacks = frozenset({"logprobs", "response_format", "structured_outputs", "guided_choice"})

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[int, PictureFacts | None], View] = OrderedDict()
        self._lock = threading.Lock()

    async def chat(self, prompt: Prompt) -> Reply:
        """Answers the last user message in a thread, so that nobody else waits."""
        facts, question = heard(prompt.question)
        pictures = prompt.pictures
        view = self._view(pictures[0], facts) if len(pictures) == 1 else None
        reply = await asyncio.to_thread(measure, question, view, len(pictures))
        text = _until(reply.text, prompt.sampling.stop)
        return replace(reply, text=text, usage=Usage(0, 0))  # no tokens, so none were used

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        """The same in one piece: what is measured is known all at once."""
        async for delta in in_one_piece(await self.chat(prompt)):
            yield delta

    async def health(self) -> EngineHealth:
        """Always ready."""
        return EngineHealth("ready", "local measurements; no vision-language model connected")

    async def aclose(self) -> None:
        """Holds nothing that needs closing."""
        self._views.clear()

    def _view(self, picture: Picture, facts: PictureFacts | None) -> View:
        key = (id(picture), facts)
        with self._lock:
            view = self._views.get(key)
            if view is None or view.picture is not picture:
                view = View(picture, facts)
                self._views[key] = view
            self._views.move_to_end(key)
            while len(self._views) > KEPT_VIEWS:
                self._views.popitem(last=False)
        return view


def _until(text: str, stop: tuple[str, ...]) -> str:
    ends = [end for word in stop if (end := text.find(word)) >= 0]
    return text[: min(ends, default=len(text))]
