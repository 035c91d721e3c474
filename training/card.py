"""Writes `MODEL_CARD.md` from the figures in `scene_head.json`: `python -m training.card`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from modal_services.engines.measure.scene_model import FACTS, MODELS

CARD = "MODEL_CARD.md"
TEXT = Path(__file__).with_name("card.md")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    lines = [list(head), *[[str(cell) for cell in row] for row in rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def claims(made: Mapping[str, Any]) -> str:
    """Every kind of claim with its figures."""
    head = ("claim", "answered of asked", "right", "precision", "95 % lower bound", "from")
    rows = [
        (f"{kind} {value}".replace(" any", ""),
         f"{each['answered']} of {each['asked']}", each["right"],
         f"{each['precision']:.3f}", f"{each['wilson_low']:.3f}", f"{each['threshold']:.3f}")
        for kind, values in made.items() for value, each in values.items()
    ]  # fmt: skip
    return table(head, rows)


def unsure(made: Mapping[str, Any]) -> str:
    """What is claimed of tiles whose truth nobody settled."""
    rows = [
        (f"{kind} {value}", f"{each['claimed_where_truth_unknown']} of {each['truth_unknown']}")
        for kind, values in made.items()
        for value, each in values.items()
        if each["truth_unknown"]
    ]
    return table(("claim", "claimed of tiles whose truth is open"), rows)


def resolutions(by_name: Mapping[str, Any]) -> str:
    """Scene type by resolution."""
    rows = [
        (name, f"{each['accuracy']:.3f}", f"{each['answered']:.3f}", each["precision"])
        for name, each in by_name.items()
    ]
    return table(("resolution", "accuracy", "answered", "precision of answered"), rows)


def mosaics(each: Mapping[str, int]) -> str:
    """Several tiles in one picture."""
    return (
        f"of {each['one_class']} pictures of one class {each['answered']} are answered,"
        f" {each['right']} rightly; of {each['four_classes']} pictures of four classes"
        f" {each['four_answered']} are given a scene"
    )


def scored(sets: Mapping[str, Any]) -> str:
    """Gates and claims on pictures of other sources."""
    rows = [
        (name, each["pictures"], each["passed"], json.dumps(each["claimed"].get("scene", {})))
        for name, each in sets.items()
    ]
    return table(("set", "pictures", "passed the gates", "scene claims"), rows)


def card(facts: Mapping[str, Any]) -> str:
    """The whole card."""
    accuracy = table(("held-out block", "accuracy over 21 classes"), facts["accuracy"].items())
    not_made = [
        (name, f"{each['right']} of {each['answered']}") for name, each in facts["not_made"].items()
    ]
    parts = {
        "accuracy": accuracy,
        "claims": claims(facts["claims"]),
        "not_made": table(("never claimed", "right of answered"), not_made),
        "unsure": unsure(facts["claims"]),
        "resolutions": resolutions(facts["resolutions"]),
        "scored": scored(facts.get("scored", {})),
        "mosaics": mosaics(facts["mosaics"]),
        "before": facts["calibration"]["before"],
        "after": facts["calibration"]["after"],
        "passed": facts["gates"]["passed_held_out"],
        "tiles": facts["training"]["tiles"],
        "views": facts["training"]["views"],
        "far": facts["training"]["far_views"],
        "sums": table(("file", "sha256"), facts["sha256"].items()),
    }  # fmt: skip
    text = TEXT.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace("{" + name + "}", str(part))
    return text


def main() -> None:
    """Runs as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODELS)
    folder = parser.parse_args().model
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    (folder / CARD).write_text(card(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
