"""What a caller asks for, and what cannot be asked."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass, field

from app.errors import BadRequest
from app.owners import THREAD_ID, stored_key, stored_thread
from app.services.threads.ledger import NewTurn
from app.state import TaskName, VqaType
from imagery.reading import PLAIN, Reading

MAX_MESSAGE_CHARACTERS = 20_000
KEY = r"[!-~]{1,255}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its sender made it; `owner` is whose it is (see `app.owners`)."""

    message: str
    image: str | None = None
    task: TaskName | None = None
    vqa_type: VqaType | None = None
    reading: Reading = field(default_factory=lambda: PLAIN)
    instructions: str = ""
    owner: str | None = None

    @property
    def digest(self) -> str:
        """The same for the same request, byte for byte."""
        parts = [self.message, self.image, self.task, self.vqa_type, repr(self.reading)]
        parts += [self.instructions] if self.instructions else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def turn(
        self, thread_id: str | None, turn_id: str | None, key: str | None, image_url: str | None
    ) -> NewTurn:
        """The turn that it asks for; without a key the turn's id is its key."""
        turn_id = turn_id or uuid.uuid4().hex
        request = {"message": self.message, "task": self.task, "vqa_type": self.vqa_type}
        request |= {"instructions": self.instructions} if self.instructions else {}
        return NewTurn(
            turn_id=turn_id,
            thread_id=stored_thread(self.owner, thread_id or uuid.uuid4().hex),
            key=stored_key(self.owner, key or turn_id),
            digest=self.digest,
            request=request,
            image_url=image_url,
            anywhere=thread_id is None,
        )


def check(asked: Asked, thread_id: str | None, turn_id: str | None, key: str | None) -> None:
    """Refuses what cannot be asked.

    Raises:
        BadRequest: nothing was asked, or an id or the key cannot be one.
    """
    message = asked.message
    if len(message) > MAX_MESSAGE_CHARACTERS:
        size = f"{len(message):,} characters"
        raise BadRequest(f"The message is {size} long; {MAX_MESSAGE_CHARACTERS:,} are taken.")
    if "\0" in message:
        raise BadRequest("The message has null characters, which are no text.")
    if not message.isprintable() and any("\ud800" <= c <= "\udfff" for c in message):
        raise BadRequest("The message has half characters (lone surrogates), which are no text.")
    if not message.strip() and not asked.image:
        raise BadRequest("Nothing was asked: send a question, an image, or both.")
    for name, value in (("thread", thread_id), ("turn", turn_id)):
        if value is not None and not re.fullmatch(THREAD_ID, value):
            raise BadRequest(f"A {name} id is 1 to 64 letters, digits, - or _.")
    if key is not None and not re.fullmatch(KEY, key):
        raise BadRequest("An idempotency key is 1 to 255 visible ASCII characters.")
