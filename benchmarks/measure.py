"""How often the embedded engine answers, and how often it is right.

    python -m benchmarks.measure [--data DIR] [--write] [--speed]

Two tables, by intent: the labelled questions of `labels.jsonl` (strict rows alone: noisy labels
are no yardstick), and questions about every UC Merced tile. Each tile is seen by a scene head that
was trained without its block of indices, since neighbouring indices are crops of the same place.
`--write` puts the second table's figures where the engine finds the confidence that it reports.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.measure_rows import LABELS, Counted, Row, Table, labelled_rows, tile_rows
from benchmarks.measure_speed import speed
from modal_services.engines.measure import View, measure
from modal_services.engines.measure.figures import FIGURES
from modal_services.engines.measure.scene import scene_of
from modal_services.engines.measure.scene_model import MODELS, SceneModel
from training.heldout import held_out_models
from training.tiles import fold_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PROMISED = 0.95
FEW = 20


def main() -> None:
    """Runs as a command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="where imagery/ and train/ are")
    parser.add_argument("--write", action="store_true", help="keep the figures for the engine")
    parser.add_argument("--speed", action="store_true", help="time and memory as well")
    options = parser.parse_args()
    folders = [options.data / "train" / "ucmerced", options.data / "imagery" / "scenes" / "ucm"]
    models = held_out_models(folders, options.data / "imagery" / "geotiff")
    print_table(f"{LABELS}, strict rows", tallied(labelled_rows(options.data / "imagery"), models))
    tiles = tallied(tile_rows(folders), models)
    print_table("UC Merced, each tile by a head that never saw its block", tiles)
    if options.write:
        claims = {name: [each.right, each.answered] for name, each in tiles.claims.items()}
        text = json.dumps({"claims": dict(sorted(claims.items()))}, indent=1)
        (MODELS.parent / FIGURES).write_text(text + "\n", encoding="utf-8")
    if options.speed:
        speed(folders[1])


def tallied(rows: Iterable[Row], models: dict[int, SceneModel]) -> Table:
    """Asks every row's question, and counts."""
    table = Table()
    for row, view in _views(rows, models):
        reply = measure(row.question, view)
        found = reply.measurements[0] if len(reply.measurements) == 1 else None
        table.count(row, found, reply)
    return table


def _views(rows: Iterable[Row], models: dict[int, SceneModel]) -> Iterator[tuple[Row, View]]:
    """The rows with their views; the questions on one picture share it."""
    name, view = None, None
    for row in rows:
        if view is None or name != row.name:
            scene = None
            if row.index is not None:  # a tile: by a head that never saw it
                scene = scene_of(row.picture.rgb, model=models[fold_of(row.index)])
            name, view = row.name, View(row.picture, row.facts, scene)
        yield row, view


def print_table(title: str, table: Table) -> None:
    """One line an intent, worst first where the promise is broken."""
    say(f"\n{title}")
    say(
        f"  {'intent':<34}{'asked':>7}{'answered':>10}{'right':>7}{'precision':>11}{'coverage':>10}"
    )
    for name, each in sorted(table.intents.items()):
        say(f"  {name:<34}{_line(each)}")
    if table.claims:
        say("  by kind of claim:")
        for name, each in sorted(table.claims.items()):
            say(f"  {name:<34}{_line(each)}")
    broken = [
        name
        for name, each in table.intents.items()
        if each.answered >= FEW and each.right < PROMISED * each.answered
    ]
    say(f"  under {PROMISED:.2f} with {FEW} answers or more: {', '.join(broken) or 'none'}")
    for wrong in table.wrong[:40]:
        say(f"    wrong: {wrong}")


def _line(each: Counted) -> str:
    precision = f"{each.right / each.answered:.3f}" if each.answered else "-"
    coverage = f"{each.answered / each.asked:.2f}" if each.asked else "-"
    return f"{each.asked:>7}{each.answered:>10}{each.right:>7}{precision:>11}{coverage:>10}"


def say(line: str) -> None:
    """To the terminal."""
    print(line, flush=True)  # noqa: T201 - a benchmark prints


if __name__ == "__main__":
    main()
