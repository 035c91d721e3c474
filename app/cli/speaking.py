"""An answer on a terminal while it is written."""

from __future__ import annotations

from collections.abc import Callable

import typer

from app.cli.words import harmless
from app.events import Answered, Event, Token

NEVER = 10**9


class Speaker:
    """Prints the words of a turn's tasks in their order, each as it comes.

    A task's words wait until those before it are whole. `finish` prints what is still missing of
    the turn's answer, which may differ from what came: the same no is said once, for example.
    """

    def __init__(self, before_words: Callable[[], None]) -> None:
        self.said = ""
        self._before_words = before_words
        self._pieces: dict[int, list[str]] = {}
        self._whole: dict[int, str] = {}
        self._task = 0
        self._begun = False  # whether any word of that task is printed

    def hear(self, event: Event) -> None:
        """A piece, or the whole answer of a task."""
        if isinstance(event, Token):
            self._pieces.setdefault(event.task, []).append(event.text)
        elif isinstance(event, Answered):
            answer = event.answer
            self._whole[answer.task_index] = answer.text
            if answer.status == "failed":
                self._task = NEVER  # told at the end
        self._go_on()

    def finish(self, content: str) -> None:
        """Prints what is missing of the whole answer."""
        said = self.said.rstrip()
        if content.startswith(said):
            self._write(content[len(said) :])
        else:
            self._write(f"\n{content}")
        self.end()

    def end(self) -> None:
        """Ends the line, where anything was said."""
        if self.said:
            typer.echo()
            self.said = ""

    def _go_on(self) -> None:
        while True:
            words, whole = "".join(self._pieces.pop(self._task, ())), self._whole.get(self._task)
            if whole is not None and not self._begun:
                earlier = [self._whole[task] for task in range(self._task)]
                words = "" if whole in earlier else whole
            if words and self._task and not self._begun:
                words = f"\n\n{words}"
            self._begun = self._begun or bool(words)
            self._write(words)
            if whole is None:
                return
            self._task, self._begun = self._task + 1, False

    def _write(self, words: str) -> None:
        words = words if self.said else words.lstrip()
        if not words:
            return
        if not self.said:
            self._before_words()
        self.said += words
        typer.echo(harmless(words), nl=False)
