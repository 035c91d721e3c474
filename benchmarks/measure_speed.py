"""Time and memory of the embedded engine, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import resource, statistics, sys, time
began = time.perf_counter()
from pathlib import Path
from imagery import Limits
from imagery.decode import decode
from modal_services.engines.measure import View, measure
files = sorted(Path(sys.argv[1]).glob("*/*0[0-4].jpg"))
import cv2
import numpy as np
def large(path):
    picture = decode(path.read_bytes(), Limits())
    rgb = cv2.resize(picture.rgb, (512, 512), interpolation=cv2.INTER_CUBIC)
    return type(picture)(np.ascontiguousarray(rgb), "image/png")
first = measure("Describe the image.", View(large(files[0])))
print(f"  first answer, from a cold start   {time.perf_counter() - began:8.2f} s")
times = []
for path in files[1:]:
    picture = large(path)
    start = time.perf_counter()
    measure("Describe the image in detail.", View(picture))
    times.append(time.perf_counter() - start)
print(f"  median of {len(times)} descriptions, 512 px{1000 * statistics.median(times):9.0f} ms")
print(f"  slowest                           {1000 * max(times):8.0f} ms")
print(f"  peak memory                       {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")
"""


def speed(tiles: Path) -> None:
    """Prints the first answer's time from a cold start, the others' median, and peak memory."""
    print("\nSpeed", flush=True)  # noqa: T201 - a benchmark prints
    subprocess.run([sys.executable, "-c", _PROGRAM, str(tiles)], check=True)
