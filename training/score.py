"""Scores a model on other pictures, and adds the figures to its `scene_head.json`.

    python -m training.score NAME=DIR[@METRES] [NAME=DIR ...] [--model FOLDER]

Nothing of the model is changed by it. A picture wider than 640 px is cut into squares of 256 px
(`--cut`) when asked for, so that a scene of many places is not asked for one.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from modal_services.engines.measure.scene import SceneView, scene_of
from modal_services.engines.measure.scene_model import FACTS, MODELS, Pixels, load_scene_model
from training.features import say
from training.negatives import drawn

ENDINGS = {".png", ".jpg", ".jpeg", ".tif"}
KINDS = ("scene", "group", "settlement", "water", "vegetation", "built_up", "dominant")
CUT_PX = 256
DRAWN_ROUNDS = 10


def pictures(folder: Path, *, cut: bool) -> Iterator[tuple[str, Pixels]]:
    """Every picture under a folder; cut into squares on demand."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS):
        with Image.open(path) as image:
            rgb = np.asarray(image.convert("RGB"))
        if not cut or max(rgb.shape[:2]) <= 2 * CUT_PX:
            yield path.name, rgb
            continue
        for top in range(0, rgb.shape[0] - CUT_PX + 1, CUT_PX):
            for left in range(0, rgb.shape[1] - CUT_PX + 1, CUT_PX):
                yield f"{path.name}+{left}+{top}", rgb[top : top + CUT_PX, left : left + CUT_PX]


def drawings() -> Iterator[tuple[str, Pixels]]:
    """Drawn pictures, made with a seed that training does not use."""
    random = np.random.default_rng(2026)
    for number in range(DRAWN_ROUNDS):
        for view in drawn(random):
            yield f"drawn {number}", view


def summary(views: Iterable[tuple[str, SceneView]]) -> dict[str, Any]:
    """How many passed the gates, and what was claimed of those."""
    seen = list(views)
    claimed = {
        kind: dict(Counter(asdict(view)[kind]["value"] for _, view in seen if asdict(view)[kind]))
        for kind in KINDS
    }
    return {
        "pictures": len(seen),
        "passed": sum(view.overhead for _, view in seen),
        "turned_away": dict(Counter(view.why_not for _, view in seen if view.why_not)),
        "claimed": {kind: values for kind, values in claimed.items() if values},
    }


def main() -> None:
    """Runs as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="NAME=DIR[@METRES]")
    parser.add_argument("--model", type=Path, default=MODELS)
    parser.add_argument("--cut", action="store_true")
    options = parser.parse_args()
    model = load_scene_model(options.model)
    facts = json.loads((options.model / FACTS).read_text(encoding="utf-8"))
    for name, _, place in (each.partition("=") for each in options.sets):
        folder, _, metres = place.partition("@")
        found = drawings() if folder == "drawn" else pictures(Path(folder), cut=options.cut)
        gsd = float(metres) if metres else None
        views = [
            (file, scene_of(rgb, ground_sample_distance_m=gsd, model=model)) for file, rgb in found
        ]
        for file, view in views:
            if view.overhead:
                said = {kind: getattr(view, kind).value for kind in KINDS if getattr(view, kind)}
                say(f"{name} {file}: {view.ranked[0][0]} {view.ranked[0][1]:.2f} {said}")
        facts.setdefault("scored", {})[name] = summary(views)
        say(f"{name}: {json.dumps(facts['scored'][name])}")
    (options.model / FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
