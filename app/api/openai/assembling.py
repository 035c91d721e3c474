"""The words of several tasks that are answered side by side, as one text that only ever grows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from app.answers import Answer

BETWEEN = "\n\n"


@dataclass
class Text:
    """Passes on the tokens of the first task that is not answered yet, and keeps those of others.

    A failed task's words wait for the end: where all failed they are an error, not an answer.
    """

    said: str = ""
    _at: int = 0
    _own: str = ""
    _tokens: defaultdict[int, str] = field(default_factory=lambda: defaultdict(str))
    _answers: dict[int, Answer] = field(default_factory=dict)
    _ended: bool = False

    def token(self, task: int, piece: str) -> str:
        """What can be said once a task has said more."""
        self._tokens[task] += piece
        return self._more()

    def answer(self, answer: Answer) -> str:
        """What can be said once a task has its answer."""
        self._answers[answer.task_index] = answer
        return self._more()

    def end(self, content: str) -> str:
        """The rest of the whole text."""
        self._ended = True
        more = self._more()
        rest = content[len(self.said) :] if content.startswith(self.said) else ""
        self.said += rest
        return more + rest

    def _more(self) -> str:
        before = len(self.said)
        self._say(self._tokens.pop(self._at, ""))
        while (answer := self._answers.get(self._at)) and (
            self._ended or answer.status != "failed"
        ):
            self._complete(answer.text)
            self._at, self._own = self._at + 1, ""
            self._say(self._tokens.pop(self._at, ""))
        return self.said[before:]

    def _complete(self, text: str) -> None:
        """Says what a task's tokens left out; what an earlier one said word for word not again."""
        if text.startswith(self._own):
            earlier = [one.text for index, one in self._answers.items() if index < self._at]
            self._say("" if not self._own and text in earlier else text[len(self._own) :])
        elif self._own.strip() != text.strip():
            self._own = ""
            self._say(text)

    def _say(self, words: str) -> None:
        if words:
            self.said += (BETWEEN if self.said and not self._own else "") + words
            self._own += words
