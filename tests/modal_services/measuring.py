"""Asking the embedded engine about made-up pictures and real tiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from imagery import Picture
from modal_services.engine import Reply
from modal_services.engines.measure import View, measure
from modal_services.engines.measure.scene import Claim, SceneView
from modal_services.facts import PictureFacts

SIDE_PX = 256
BLUE, GREEN, CONCRETE = (25, 75, 85), (60, 115, 45), (150, 148, 140)
Colour = tuple[int, int, int]


def scene(why_not: str = "", p: float = 0.99, **claims: str) -> SceneView:
    """What a scene head may say; a drawing is no overhead picture to the real one."""
    made = {name: Claim(value, p, 0.97, 200) for name, value in claims.items()}
    found: dict[str, Any] = {
        name: made.get(name)
        for name in ("scene", "group", "settlement", "water", "vegetation", "built_up", "dominant")
    }
    ranked = ((claims["scene"], 0.99),) if "scene" in claims else ()
    return SceneView(overhead=not why_not, why_not=why_not, ranked=ranked, **found)


SILENT = scene()


def ask(
    question: str,
    shown: Picture,
    facts: PictureFacts | None = None,
    head: SceneView | None = SILENT,
) -> Reply:
    """The engine's answer; with `head` None the real scene head looks."""
    return measure(question, View(shown, facts, head))


def measured(reply: Reply) -> dict[str, Any]:
    """The one measurement of a reply."""
    (found,) = reply.measurements
    return dict(found)


def picture(left: Colour, right: Colour, *, split: float = 0.5) -> Picture:
    """Two covers side by side: the blue one smooth, every other one textured."""
    noise = np.random.default_rng(7)
    rgb = np.zeros((SIDE_PX, SIDE_PX, 3), dtype=np.float64)
    border = round(SIDE_PX * split)
    for columns, colour in ((slice(0, border), left), (slice(border, None), right)):
        rgb[:, columns] = colour
        roughness = 1.0 if colour == BLUE else 14.0
        rgb[:, columns] += noise.normal(0, roughness, rgb[:, columns].shape[:2])[..., None]
    return Picture(np.clip(rgb, 0, 255).astype(np.uint8), "image/png")


def grey_noise() -> Picture:
    """Noise without colour."""
    plane = np.random.default_rng(7).integers(0, 255, (SIDE_PX, SIDE_PX), dtype=np.uint8)
    return Picture(np.repeat(plane[..., None], 3, axis=2), "image/png")


def uniform(colour: Colour, side_px: int = SIDE_PX) -> Picture:
    """One colour."""
    return Picture(np.full((side_px, side_px, 3), colour, dtype=np.uint8), "image/png")
