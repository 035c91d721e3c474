"""swath ask: one image, one question, one answer."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import typer
from rich.console import Console

from app.agent import open_agent
from app.answers import Answer
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
from imagery.store import open_store


def run(
    image: str,
    question: str | None,
    said: Said,
    *,
    thread_id: str | None,
    task: TaskName | None,
    vqa_type: VqaType | None,
    evidence: Path | None = None,
    as_json: bool,
) -> None:
    """Asks and prints; exits 1 when no service answered, or the evidence cannot be written."""
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
    if evidence is not None:
        with told_plainly(str(evidence)):
            _write_evidence(settings, turn, evidence)


def _write_evidence(settings: Settings, turn: Turn, path: Path) -> None:
    """The picture with the masks of the answer laid over it."""
    from imagery.overlay import overlay  # noqa: PLC0415 - Pillow when needed

    measured = [each for one in turn.answers for each in one.measurements]
    masks = [each.mask for each in measured if each.mask]
    if not masks or turn.image is None:
        typer.echo(f"swath: {path} was not written: the answer outlines nothing", err=True)
        return
    store = open_store(settings.image_place, settings.image_limits)
    shown, _ = store.picture(turn.image.url)
    for mask in masks:
        shown = overlay(shown, store.picture(mask)[0])
    path.write_bytes(shown)
    typer.echo(f"swath: wrote {path}", err=True)


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
    caveats = dict.fromkeys([*notes, *turn.caveats])
    image = turn.image and _image_line(turn.image)
    answered = [one for one in turn.answers if one.method and one.status == "answered"]
    methods = dict.fromkeys(f"{one.method}{_sureness(one)}" for one in answered)
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


def _sureness(answer: Answer) -> str:
    """How often such answers were right, where one was given and that is known."""
    measured = answer.measurements
    said = measured[0].confidence_from if len(measured) == 1 else None
    return f"; {said}, on tiles it was not trained on" if said else ""


def _image_line(image: ImageRef) -> str:
    parts = [f"{image.width_px} x {image.height_px} px {image.mime}"]
    if image.facts and image.facts.crs:
        parts.append(image.facts.crs)
    if image.facts and image.facts.ground_sample_distance_m:
        parts.append(metres_per_pixel(image.facts.ground_sample_distance_m))
    return ", ".join(parts)
