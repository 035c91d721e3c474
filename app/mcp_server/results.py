"""What the tools return: structured, and described in the tools' schemas."""

from __future__ import annotations

from pydantic import BaseModel, Field

from app.turn import Turn
from imagery import ImageRef


class Answered(BaseModel):
    """An answer, and how it is known."""

    status: str = Field(description="answered, refused (an honest no), or failed")
    answer: str
    task: str = Field(description="vqa, captioning, or why no model was asked")
    vqa_type: str | None = Field(description="yesno, counting, area or general")
    engine: str | None = Field(description="what answered; `measure` measures and is no VLM")
    model: str | None
    method: str | None = Field(description="how it was found out, where the engine says so")
    caveats: list[str]
    image: str | None = Field(description="the image's id, for further questions on it")
    thread_id: str = Field(description="for follow-ups, which remember the image")
    error: str | None = Field(description="why there is no answer")


class Inspected(BaseModel):
    """What is known of an image without any model."""

    image: str = Field(description="the image's id, for questions on it")
    mime: str
    width_px: int
    height_px: int
    crs: str | None
    metres_per_px: float | None
    bands: list[str]
    footprint_bounds: tuple[float, float, float, float] | None = Field(
        description="west, south, east, north in degrees"
    )
    acquired: str | None
    warnings: list[str]


def answered(turn: Turn) -> Answered:
    """A turn as a tool returns it."""
    return Answered(
        status=turn.status,
        answer=turn.content,
        task=turn.task,
        vqa_type=turn.vqa_type,
        engine=turn.engine,
        model=turn.model,
        method="; ".join(turn.methods) or None,
        caveats=list(turn.caveats),
        image=turn.image.url if turn.image else None,
        thread_id=turn.thread_id,
        error=turn.error["message"] if turn.error else None,
    )


def inspected(ref: ImageRef) -> Inspected:
    """An image's facts as a tool returns them."""
    facts = ref.facts
    outline = facts.footprint if facts else None
    return Inspected(
        image=ref.url,
        mime=ref.mime,
        width_px=ref.width_px,
        height_px=ref.height_px,
        crs=facts.crs if facts else None,
        metres_per_px=facts.ground_sample_distance_m if facts else None,
        bands=[f"{b.index} {b.role or b.name} {b.dtype}" for b in facts.bands] if facts else [],
        footprint_bounds=outline.bounds if outline else None,
        acquired=facts.acquired if facts else None,
        warnings=[*ref.warnings, *ref.notes],
    )
