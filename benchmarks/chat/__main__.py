"""`python -m benchmarks.chat`: 100 open streams and a SIGTERM; 1,000 readers who come back.

Exits with 1 where a stream has no end, a turn is lost, or an event is told twice or not at all.
"""

from __future__ import annotations

import argparse
import base64
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks.chat.coming_back import come_back
from benchmarks.chat.stopping import ENDS, stop_with_open_streams

MOST_EXIT_S = 5


def main() -> None:
    """Runs both and prints what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chat", description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--reconnects", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=20, help="that the readers come back to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = _stopping(Path(folder), options.streams)
    with tempfile.TemporaryDirectory() as folder:
        count, wrong = come_back(Path(folder), picture(), options.turns, options.reconnects)
    print(f"readers came back {count} times to {options.turns} turns: {wrong} transcripts differ")  # noqa: T201
    sys.exit(0 if good and not wrong else 1)


def _stopping(folder: Path, count: int) -> bool:
    found = stop_with_open_streams(folder, picture(), count)
    ended = sum(end.name in ENDS for end in found.ends)
    print(  # noqa: T201
        f"{count} open streams and a SIGTERM: {ended} had their last event, exit after "
        f"{found.exit_s:.2f} s, {found.open_turns} turns left open, {found.answered} answered "
        "by the next server"
    )
    whole = ended == found.open_turns == found.answered == count
    return whole and found.exit_s < MOST_EXIT_S


def picture() -> str:
    """A small picture as a data: URI."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 120, 50)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


if __name__ == "__main__":
    main()
