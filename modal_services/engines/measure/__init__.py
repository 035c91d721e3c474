"""The embedded engine: answers a few kinds of question by measuring, and refuses the rest.

Nothing heavy is imported before a question is understood that needs a measurement.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from modal_services.engine import Delta, EngineHealth, Prompt, Reply, Usage, in_one_piece
from modal_services.engines.measure.answers import measure
from modal_services.engines.measure.following import whole_question
from modal_services.engines.measure.measuring import InThreads, Measuring
from modal_services.engines.measure.view import View
from modal_services.facts import heard

__all__ = ["MeasureEngine", "View", "measure"]


class MeasureEngine:
    """Measures the one picture of a prompt; holds no connection.

    What was measured of the last pictures is kept for the next question on them.

    Args:
        measuring: where; by default in threads of this process.
    """

    name = "measure"
    model_id: str | None = "local-measurements"
    aliases = frozenset({"local-measurements", "qwen-vqa-special", "qwen-caption-special"})
    lacks = frozenset({"logprobs", "response_format", "structured_outputs", "guided_choice"})

    def __init__(self, measuring: Measuring | None = None) -> None:
        self._measure = measuring or InThreads()

    async def chat(self, prompt: Prompt) -> Reply:
        """Answers the last user message, in the light of those before it; nobody waits for it."""
        facts, question = heard(prompt.question)
        whole = whole_question(question, _asked_before(prompt))
        pictures = prompt.pictures
        picture = pictures[0] if len(pictures) == 1 else None
        reply = await self._measure(whole, picture, facts, len(pictures))
        text = _until(reply.text, prompt.sampling.stop)
        detail = reply.detail if whole == question else {**reply.detail, "understood_as": whole}
        return replace(reply, text=text, detail=detail, usage=Usage(0, 0))  # no tokens were used

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Delta, None]:
        """The same in one piece: what is measured is known all at once."""
        async for delta in in_one_piece(await self.chat(prompt)):
            yield delta

    async def health(self) -> EngineHealth:
        """Always ready."""
        return EngineHealth("ready", "local measurements; no vision-language model connected")

    async def aclose(self) -> None:
        """Holds nothing that needs closing."""


def _asked_before(prompt: Prompt) -> list[str]:
    asked = [heard(turn.text)[1] for turn in prompt.turns if turn.role == "user"]
    return asked[:-1]


def _until(text: str, stop: tuple[str, ...]) -> str:
    ends = [end for word in stop if (end := text.find(word)) >= 0]
    return text[: min(ends, default=len(text))]
