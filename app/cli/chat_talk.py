"""A chat: its thread, its picture, and what became of its last message."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from app import events
from app.agent import Agent
from app.asked import Asked, check
from app.cli.speaking import Speaker
from app.cli.thread_work import whole_transcript
from app.cli.trouble import complain, stop
from app.cli.turn_words import cost_of, image_line, kind_of, known_by
from app.cli.waiting import Waiting
from app.cli.words import say, say_json
from app.services.threads.transcript import Message
from app.state import TaskName
from app.turn import Turn
from imagery import ImageNotFound, ImageRef
from imagery.reading import PLAIN, Reading

SHOWN_MESSAGES = 6
LONGEST_SHOWN = 400  # characters of an earlier message
HOW_TO_NAME = "Name one: /image PATH, or its path alone on a line."


@dataclass
class Chat:
    """What is talked about.

    Attributes:
        as_json: each turn is a line of JSON on stdout, and all other words go to stderr.
        person: whether somebody reads along.
        begun: whether the thread has a turn.
        asked: the user's messages in the thread, oldest first.
    """

    agent: Agent
    as_json: bool
    person: bool
    thread_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    begun: bool = False
    image: ImageRef | None = None
    turn: Turn | None = None
    asked: list[str] = field(default_factory=list)
    _last: tuple[str, TaskName | None] | None = None

    def tell(self, text: str, *, aside: bool = False) -> None:
        """Says what is no turn."""
        say(text, aside=aside, err=self.as_json)

    async def take(self, reference: str, reading: Reading = PLAIN) -> None:
        """Talks about another picture from now on.

        Raises:
            imagery.ImageryError: it cannot be taken; the one before stays.
        """
        self.image = await self.agent.keep_image(reference, reading, files=True)
        self.tell_image()

    def tell_image(self) -> None:
        """Says what is talked about."""
        if self.image is None:
            self.tell(f"no image yet. {HOW_TO_NAME}", aside=True)
            return
        name = self.image.source.removeprefix("file:")
        self.tell(f"image {name}: {image_line(self.image)}", aside=True)
        for note in (*self.image.warnings, *self.image.notes):
            self.tell(f"  {note}", aside=True)

    async def go_on_with(self, thread_id: str) -> None:
        """Goes on with a thread, which may be a new one, and shows its last messages.

        Raises:
            BadRequest: that can be no thread's id.
        """
        check(Asked("?"), thread_id, None, None)
        found = await whole_transcript(self.agent, thread_id)
        self.thread_id, self.turn, self._last = thread_id, None, None
        self.begun = bool(found)
        self.asked = [one.content for one in found if one.role == "user"]
        if not found:
            self.tell(f"{thread_id} is a new thread", aside=True)
            return
        if self.person:
            self._show(found)
        urls = [str(one.metadata["image"]) for one in found if one.metadata.get("image")]
        if urls and self.image is None:
            try:
                self.image = self.agent.images.ref(urls[-1])
                self.tell_image()
            except ImageNotFound:
                complain("the thread's image is not kept any more", HOW_TO_NAME)

    def _show(self, found: Sequence[Message]) -> None:
        shown = found[-SHOWN_MESSAGES:]
        if left_out := len(found) - len(shown):
            more = f"swath threads show {self.thread_id}"
            self.tell(f"... {left_out} earlier messages: {more}", aside=True)
        for one in shown:
            words = one.content
            short = words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}..."
            self.tell(f"> {short}" if one.role == "user" else short, aside=one.role == "user")

    def begin_anew(self) -> None:
        """Begins a new thread about the same picture."""
        self.thread_id, self.begun, self.turn = uuid.uuid4().hex, False, None
        self.asked, self._last = [], None

    async def ask_again(self) -> None:
        """Asks the last message again, as another turn."""
        if self._last is None:
            stop("nothing was asked yet")
        await self.ask(*self._last)

    async def ask(self, message: str, task: TaskName | None = None) -> None:
        """Asks, and prints the answer while it is written; ends as a command does if it fails."""
        self._last = (message, task)
        self.asked.append(message)
        self.begun = True
        image = self.image.url if self.image else None
        options = {"image": image, "thread_id": self.thread_id, "task": task}
        with Waiting("asking ...") as waiting:
            speaker = Speaker(waiting.stop)
            try:
                async with aclosing(self.agent.stream(message, **options)) as told:
                    async for event in told:
                        self._hear(event, waiting, speaker)
            finally:
                waiting.stop()
                speaker.end()  # where it was cut off

    def _hear(self, event: events.Event, waiting: Waiting, speaker: Speaker) -> None:
        match event:
            case events.Waiting(_, kind, message):
                waiting.tell(kind, message)
            case events.Token() | events.Answered() if not self.as_json:
                speaker.hear(event)
            case events.Failed(code, message, hint):
                if self.as_json:
                    error = {"code": code, "message": message, "hint": hint}
                    refused = {"thread_id": self.thread_id, "status": "failed", "error": error}
                    say_json(refused, indent=None)
                stop(message, hint)
            case events.Done(turn):
                waiting.stop()
                self._end(turn, speaker)
            case _:
                pass

    def _end(self, turn: Turn, speaker: Speaker) -> None:
        self.turn = turn
        self.image = self.image or turn.image
        if self.as_json:
            say_json(turn.model_dump(mode="json"), indent=None)
        if turn.error is not None:
            speaker.end()
            stop(turn.error["message"], turn.error["hint"])
        if self.as_json:
            return
        speaker.finish(turn.content)
        for line in (*known_by(turn), f"{kind_of(turn)} · {cost_of(turn)}"):
            say(f"  {line}", aside=True)
        if turn.image is None:
            say(f"  {HOW_TO_NAME}", aside=True)
        say("")
