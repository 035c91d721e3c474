"""swath ask: one image, one question, one answer."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import typer
from rich.console import Console

from app.agent import open_agent
from app.cli.patience import for_one_person
from app.cli.reading import Said, reading_of
from app.cli.trouble import BAD_USE, FAILURE, read_settings, stop, told_plainly
from app.cli.words import metres_per_pixel, say
from app.errors import BadRequest
from app.services.vision import Progress
from app.settings import Settings
from app.state import TaskName, VqaType
from app.turn import Turn
from imagery import ImageRef
from imagery.reading import Reading


def run(
    image: str,
    question: str | None,
    said: Said,
    *,
    thread_id: str | None,
    task: TaskName | None,
    vqa_type: VqaType | None,
    as_json: bool,
) -> None:
    """Asks and prints; exits 1 when no service answered."""
    if question is not None and not question.strip():
        stop("the question is empty", "Leave it out for a description of the image.", BAD_USE)
    settings = read_settings()
    with told_plainly(image):
        asked = _ask(settings, image, question or "", reading_of(said), thread_id, task, vqa_type)
        turn = asyncio.run(asked)
    if as_json:
        typer.echo(turn.model_dump_json(indent=2))
    if turn.error is not None:
        stop(turn.error["message"], turn.error["hint"], FAILURE)
    if not as_json:
        _print(turn)


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
    waiting = Console(stderr=True).status("asking ...")

    def tell(event: Progress) -> None:
        if sys.stderr.isatty():
            waiting.update(event.message)
        elif event.kind != "attempt":  # a first attempt is no news in a log
            typer.echo(f"swath: {event.message}", err=True)

    async with open_agent(for_one_person(settings)) as agent:
        with waiting if sys.stderr.isatty() else contextlib.nullcontext():
            return await agent.ask(
                question,
                image=image,
                thread_id=thread_id,
                task=task or (None if question else "captioning"),
                vqa_type=vqa_type,
                files=True,
                reading=reading,
                on_progress=tell,
            )


def _print(turn: Turn) -> None:
    """The answer, its caveats, how it is known, which engine, what it cost."""
    say(turn.content)
    for line in _facts(turn):
        say(f"  {line}", aside=True)


def _facts(turn: Turn) -> list[str]:
    notes = (*turn.image.warnings, *turn.image.notes) if turn.image else ()
    caveats = dict.fromkeys([*notes, *(caveat for one in turn.answers for caveat in one.caveats)])
    image = turn.image and _image_line(turn.image)
    methods = dict.fromkeys(one.method for one in turn.answers if one.method)
    kind = " + ".join(
        f"{one.task}/{one.vqa_type}" if one.vqa_type else one.task for one in turn.answers
    )
    cost = [f"engine {turn.engine}"] if turn.engine else []
    if turn.engine != turn.model and turn.model:
        cost.append(f"model {turn.model}")
    cost += [f"{turn.ms:.0f} ms", f"turn {turn.turn_id[:8]}", f"thread {turn.thread_id}"]
    return [
        *(str(caveat) for caveat in caveats),
        *(f"by {method}" for method in methods),
        f"image {image} · {kind} ({turn.route['rule']})",
        " · ".join(cost),
    ]


def _image_line(image: ImageRef) -> str:
    parts = [f"{image.width_px} x {image.height_px} px {image.mime}"]
    if image.facts and image.facts.crs:
        parts.append(image.facts.crs)
    if image.facts and image.facts.ground_sample_distance_m:
        parts.append(metres_per_pixel(image.facts.ground_sample_distance_m))
    return ", ".join(parts)
