"""What a service's front costs: the same load through it, and straight to its upstream.

    python -m benchmarks.services [--clients 64] [--delay-ms 50] [--rounds 5]

Rounds of both are interleaved, so that a noisy machine is noisy for both; ratios are printed, and
nothing is asserted. Upstream, front and load share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import io
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
from PIL import Image

from benchmarks.load import Round, load

GOAL = 0.75
TABLE = "{:<20}{:>12}{:>22}{:>22}{:>8}"


def main() -> None:
    """Prints one line a kind of request."""
    parser = argparse.ArgumentParser(description="The cost of a service's front.")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--delay-ms", type=float, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", help="a file for the front's cProfile")
    parser.add_argument("--only", help="the kind of request whose name begins so")
    parser.add_argument("--each", type=int, default=15, help="requests of a client in a round")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        upstream = _free_port()
        stack.enter_context(_process("benchmarks.upstream", upstream, str(options.delay_ms)))
        front = _free_port()
        url = f"http://127.0.0.1:{upstream}/v1"
        profile = [options.profile] if options.profile else []
        stack.enter_context(_process("benchmarks.front", front, url, *profile))
        _say(f"{options.clients} clients at once x {options.delay_ms:.0f} ms, goal {GOAL:.0%}")
        _say(TABLE.format("request", "throughput", "p50 direct / front", "p95", "failed"))
        for name, body in _bodies(options.only or "").items():
            rounds = [
                (_run(upstream, body, options), _run(front, body, options))
                for _ in range(options.rounds)
            ]
            _say(_line(name, rounds))


def _run(port: int, body: bytes, options: argparse.Namespace) -> Round:
    return asyncio.run(load(port, body, clients=options.clients, each=options.each))


def _line(name: str, rounds: list[tuple[Round, Round]]) -> str:
    ratio = statistics.median(front.per_s / direct.per_s for direct, front in rounds)

    def pair(field: str) -> str:
        direct, front = (
            statistics.median(getattr(side[at], field) for side in rounds) for at in (0, 1)
        )
        return f"{direct:.1f} / {front:.1f} ms"

    failed = sum(front.failed for _, front in rounds)
    return TABLE.format(name, f"{ratio:.0%}", pair("p50_ms"), pair("p95_ms"), failed)


def _bodies(only: str) -> dict[str, bytes]:
    sides = {"text only": None, "picture 64 x 64": 64, "picture 256 x 256": 256}
    return {name: _body(side) for name, side in sides.items() if name.startswith(only)}


def _body(side: int | None) -> bytes:
    content = [{"type": "text", "text": "How many ships are there?"}]
    if side:
        url = {"url": f"data:image/png;base64,{base64.b64encode(_png(side)).decode()}"}
        content.insert(0, {"type": "image_url", "image_url": url})  # type: ignore[dict-item]
    message = {"role": "user", "content": content}
    return json.dumps({"model": "bench", "messages": [message], "max_tokens": 16}).encode()


def _png(side: int) -> bytes:
    """A picture that compresses about as an aerial photograph does."""
    ramp = np.add.outer(np.arange(side), np.arange(side)) % 200
    noise = np.random.default_rng(7).integers(0, 12, (side, side, 3))
    file = io.BytesIO()
    Image.fromarray((ramp[..., None] + noise).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@contextlib.contextmanager
def _process(module: str, port: int, *arguments: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", module, str(port), *arguments])  # noqa: S603
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("a server of the benchmark did not start")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
