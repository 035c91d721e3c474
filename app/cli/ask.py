"""swath ask and swath caption: one image, one question or description, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from app.agent import open_agent
from app.cli.patience import for_one_person
from app.cli.reading import Said, reading_of
from app.cli.trouble import BAD_USE, FAILURE, read_settings, stop, told_plainly
from app.cli.turn_words import cost_of, image_line, kind_of, known_by, write_evidence
from app.cli.waiting import Waiting
from app.cli.words import say, say_json
from app.errors import BadRequest
from app.prompts import description_of
from app.services.vision import Progress
from app.settings import Settings
from app.state import TaskName, VqaType
from app.turn import Turn
from imagery.reading import Reading
from imagery.store import open_store

ONE_IMAGE = (
    'One image at a time. For several:  for each in *.tif; do swath caption "$each"; done, '
    "or swath batch"
)


def ask_about(
    image: str,
    question: str | None,
    said: Said,
    *,
    thread_id: str | None = None,
    task: TaskName | None = None,
    vqa_type: VqaType | None = None,
    evidence: Path | None = None,
    as_json: bool = False,
) -> None:
    """Asks and prints; exits 1 when no service answered, or the evidence cannot be written."""
    if question is not None and not question.strip():
        stop("the question is empty", "Leave it out for a description of the image.", BAD_USE)
    settings = read_settings()
    task = task or (None if question else "captioning")
    with told_plainly(image):
        asked = _ask(settings, image, question or "", reading_of(said), thread_id, task, vqa_type)
        turn = asyncio.run(asked)
    if as_json:
        say_json(turn.model_dump(mode="json"))
    if turn.error is not None:
        stop(turn.error["message"], turn.error["hint"], FAILURE)
    if not as_json:
        _print(turn)
    if evidence is not None:
        with told_plainly(str(evidence)):
            store = open_store(settings.image_place, settings.image_limits)
            write_evidence(store, turn, evidence)


def describe(
    image: str,
    wishes: Sequence[str],
    said: Said,
    *,
    thread_id: str | None,
    evidence: Path | None,
    as_json: bool,
) -> None:
    """Has an image described as the words wish; a file among them is no wish."""
    for each in wishes:
        if Path(each).is_file():
            stop(f"{each} is a file, and no word on the description", ONE_IMAGE, BAD_USE)
    ask_about(
        image,
        description_of(" ".join(wishes)) or None,
        said,
        thread_id=thread_id,
        task="captioning",
        evidence=evidence,
        as_json=as_json,
    )


async def _ask(
    settings: Settings,
    image: str,
    question: str,
    reading: Reading,
    thread_id: str | None,
    task: TaskName | None,
    vqa_type: VqaType | None,
) -> Turn:
    if not image.strip():
        raise BadRequest("no image was given: name a path, an https URL or an image id")
    waiting = Waiting("asking ...")

    def tell(event: Progress) -> None:
        waiting.tell(event.kind, event.message)

    async with open_agent(for_one_person(settings)) as agent:
        with waiting:
            return await agent.ask(
                question,
                image=image,
                thread_id=thread_id,
                task=task,
                vqa_type=vqa_type,
                files=True,
                reading=reading,
                on_progress=tell,
            )


def _print(turn: Turn) -> None:
    """The answer, its caveats, how it is known, which engine, what it cost."""
    say(turn.content)
    of_image = (*turn.image.warnings, *turn.image.notes) if turn.image else ()
    image = image_line(turn.image) if turn.image else None
    for line in (
        *known_by(turn, of_image),
        f"image {image} · {kind_of(turn)}",
        f"{cost_of(turn)} · thread {turn.thread_id}",
    ):
        say(f"  {line}", aside=True)
