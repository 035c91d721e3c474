"""Pictures, ours against the naive way: `python -m benchmarks.imagery [--rounds N] [--quick]`.

Each measurement is a process of its own, so that peak memory is its own; the ways take turns, so
that a busy machine slows them alike. The naive way of a preview is the one in most notebooks: read
all, take percentiles, resize. The naive way of tiles is bare Pillow, without a guard.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

SIDE_PX = 10_980  # a Sentinel-2 tile at 10 m
QUICK_SIDE_PX = 2745
TILES = 100
PREVIEW_PIXELS = 1280 * 32 * 32
TILE_PIXELS = 224 * 224
ROW = "{:<34} {:>9} {:>17} {:>9} {:>12} {:>12}"


class Skipped(Exception):
    """A way that this checkout does not have."""


def preview_ours(paths: list[Path]) -> None:
    """Through the reader that the agent uses."""
    from imagery import Limits, raster  # noqa: PLC0415 - the time of imports is not measured

    read_raster = getattr(raster, "read_raster", None)
    if read_raster is None:
        raise Skipped("imagery.raster.read_raster is not there yet")
    read_raster(paths[0], Limits(model_pixels=PREVIEW_PIXELS))


def preview_naive(paths: list[Path]) -> None:
    """Read all, percentiles of each band, resize."""
    import numpy as np  # noqa: PLC0415
    import rasterio  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    with rasterio.open(paths[0]) as scene:
        values = scene.read([1, 2, 3])
    low, high = np.percentile(values, (2, 98), axis=(1, 2), keepdims=True)
    scaled = np.clip((values - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    side_px = int(PREVIEW_PIXELS**0.5)
    image = Image.fromarray(np.moveaxis(scaled, 0, 2))
    image.resize((side_px, side_px), Image.Resampling.LANCZOS)


def tiles_ours(paths: list[Path]) -> None:
    """Guarded decoding, resizing, encoding."""
    from imagery import Limits  # noqa: PLC0415
    from imagery.decode import decode  # noqa: PLC0415

    for path in paths:
        decode(path.read_bytes(), Limits()).encoded(TILE_PIXELS)


def tiles_naive(paths: list[Path]) -> None:
    """Bare Pillow to the same size and format."""
    from PIL import Image  # noqa: PLC0415

    side_px = int(TILE_PIXELS**0.5)
    for path in paths:
        image = Image.open(BytesIO(path.read_bytes())).convert("RGB")
        image.resize((side_px, side_px), Image.Resampling.LANCZOS).save(BytesIO(), "PNG")


WAYS: dict[str, Callable[[list[Path]], None]] = {
    way.__name__: way for way in (preview_ours, preview_naive, tiles_ours, tiles_naive)
}


def measure(way: str, warm: Path, paths: list[Path]) -> None:
    """Run one way in this process and print its seconds and peak memory as JSON."""
    try:
        WAYS[way]([warm])  # imports, and tables that are built once
        start_s = time.perf_counter()
        WAYS[way](paths)
        seconds = time.perf_counter() - start_s
    except Skipped as reason:
        print(json.dumps({"skipped": str(reason)}))
        return
    print(json.dumps({"seconds": seconds, "peak_mb": peak_rss_mb()}))


def peak_rss_mb() -> float:
    """Of this process. Linux's ru_maxrss starts at the parent's, so that it comes second."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text("utf-8"))
        if found:
            return int(found.group(1)) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(way: str, warm: Path, paths: list[Path]) -> dict[str, float | str]:
    """The same in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.imagery", "--measure", way, str(warm)]
    done = subprocess.run(  # noqa: S603 - this file
        [*command, *map(str, paths)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        return {"skipped": reason[0][:200]}
    result: dict[str, float | str] = json.loads(done.stdout)
    return result


def compare(title: str, kind: str, warm: Path, paths: list[Path], rounds: int) -> None:
    """Let ours and the naive way take turns, and print a row for each."""
    ways = (f"{kind}_naive", f"{kind}_ours")
    runs: dict[str, list[dict[str, float | str]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            runs[way].append(measured(way, warm, paths))
    naive: tuple[float, float] | None = None
    for way in ways:
        name = f"{title}, {way.removeprefix(f'{kind}_')}"
        if failed := [run["skipped"] for run in runs[way] if "skipped" in run]:
            print(f"{name:<34} skipped: {failed[0]}")
            continue
        seconds = [float(run["seconds"]) for run in runs[way]]
        peak = [float(run["peak_mb"]) for run in runs[way]]
        middle = (median(seconds), median(peak))
        naive = middle if way == ways[0] else naive
        ratios = (
            [f"{a / b:.3f}" for a, b in zip(middle, naive, strict=True)] if naive else ["-"] * 2
        )
        spread = f"[{min(seconds):.3f}-{max(seconds):.3f}]"
        print(ROW.format(name, f"{middle[0]:.3f}", spread, f"{middle[1]:.0f}", *ratios))


def main() -> None:
    """Generate, compare, print, delete."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.imagery")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a sixteenth of the scene, 1 round")
    parser.add_argument("--measure", nargs="+", metavar="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        way, *files = arguments.measure
        measure(way, Path(files[0]), [Path(file) for file in files[1:]])
        return
    side_px = QUICK_SIDE_PX if arguments.quick else SIDE_PX
    with tempfile.TemporaryDirectory(prefix="swath-bench-") as folder:
        report(Path(folder), side_px, 1 if arguments.quick else arguments.rounds)


def report(folder: Path, side_px: int, rounds: int) -> None:
    """Print the table; everything generated goes to `folder`."""
    from benchmarks.scenes import merced_tiles, write_scene, write_tiles  # noqa: PLC0415

    print(f"uint16 scene of {side_px} x {side_px} x 3; median [range] of {rounds} rounds")
    print(ROW.format("", "seconds", "", "peak MB", "time/naive", "memory/naive"))
    warm = folder / "warm.tif"
    write_scene(warm, 64, overviews=False)
    for words, overviews in (("with overviews", True), ("without", False)):
        scene = folder / "scene.tif"
        write_scene(scene, side_px, overviews=overviews)
        compare(f"preview {words}", "preview", warm, [scene], rounds)
        scene.unlink()
    tiles = merced_tiles(TILES)
    source = "UC Merced" if tiles else "noise"
    tiles = tiles or write_tiles(folder, TILES)
    compare(f"{len(tiles)} {source} tiles", "tiles", tiles[0], tiles, rounds)


if __name__ == "__main__":
    main()
