"""A turn in words for a terminal: the answer, its caveats, how it is known, what it cost."""

from __future__ import annotations

from pathlib import Path

import typer

from app.answers import Answer
from app.cli.words import metres_per_pixel
from app.turn import Turn
from imagery import ImageRef
from imagery.store import ImageStore


def known_by(turn: Turn, more: tuple[str, ...] = ()) -> list[str]:
    """What speaks against the answers, with `more` of it first, and how they are known."""
    caveats = dict.fromkeys((*more, *turn.caveats))
    answered = [one for one in turn.answers if one.method and one.status == "answered"]
    methods = dict.fromkeys(f"by {one.method}{_sureness(one)}" for one in answered)
    return [*caveats, *methods]


def kind_of(turn: Turn) -> str:
    """What was asked for, and the rule that decided so."""
    kinds = (
        f"{one.task}/{one.vqa_type}" if one.vqa_type else str(one.task) for one in turn.answers
    )
    return f"{' + '.join(kinds)} ({turn.route['rule']})"


def cost_of(turn: Turn) -> str:
    """Which engine answered, how long it took, and the turn's id."""
    parts = [f"engine {turn.engine}"] if turn.engine else []
    if turn.engine != turn.model and turn.model:
        parts.append(f"model {turn.model}")
    return " · ".join([*parts, f"{turn.ms:.0f} ms", f"turn {turn.turn_id[:8]}"])


def _sureness(answer: Answer) -> str:
    """How often such answers were right, where one was given and that is known."""
    measured = answer.measurements
    said = measured[0].confidence_from if len(measured) == 1 else None
    return f"; {said}, on tiles it was not trained on" if said else ""


def image_line(image: ImageRef) -> str:
    """A picture in a few words."""
    parts = [f"{image.width_px} x {image.height_px} px {image.mime}"]
    if image.facts and image.facts.crs:
        parts.append(image.facts.crs)
    if image.facts and image.facts.ground_sample_distance_m:
        parts.append(metres_per_pixel(image.facts.ground_sample_distance_m))
    return ", ".join(parts)


def write_evidence(store: ImageStore, turn: Turn, path: Path) -> None:
    """Writes the picture with the masks of the answer laid over it, where it has any."""
    from imagery.overlay import overlay  # noqa: PLC0415 - Pillow when needed

    measured = [each for one in turn.answers for each in one.measurements]
    masks = [each.mask for each in measured if each.mask]
    if not masks or turn.image is None:
        typer.echo(f"swath: {path} was not written: the answer outlines nothing", err=True)
        return
    shown, _ = store.picture(turn.image.url)
    for mask in masks:
        shown = overlay(shown, store.picture(mask)[0])
    path.write_bytes(shown)
    typer.echo(f"swath: wrote {path}", err=True)
