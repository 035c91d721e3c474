"""A batch against the engine alone, and a batch that is killed again and again.

    python -m benchmarks.batch FOLDER [--lines 2000] [--tiles 200] [--kills 5] [--workers 8]

FOLDER holds pictures. Two figures: the throughput of the batch as a share of what the engine does
in a bare loop with as many questions in flight, measuring in as many processes (and, beside it, in
the threads of one), in rounds that alternate, so that a noisy machine is noisy for all; and, of a
batch that is killed with SIGKILL at random moments and resumed, how many results are doubled or
missing and how many questions its service heard twice. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from app.batch.job import BatchJob
from app.batch.running import RunLimits
from app.settings import Settings
from benchmarks.services import _free_port, _process
from imagery import Limits, Picture
from imagery.decode import decode
from modal_services.api import create_service
from modal_services.engine import Prompt, Turn
from modal_services.engines.measure import MeasureEngine
from modal_services.engines.measure.measuring import in_processes
from modal_services.stores.sqlite import SqliteJobs

QUESTIONS = (
    "How much of the image is water?", "Is there vegetation?", "What kind of scene is this?",
    "Is it rural or urban?", "How many ships are there?", "Describe this image.",
    "What is the dominant colour?", "Is there more water than vegetation?",
    "How much of it is built up?", "How many cranes are there?",
)  # fmt: skip
GOAL = 0.9
SWATH = "from app.cli import main; main()"
KINDS = {".tif", ".tiff", ".jpg", ".png"}


def main() -> None:
    """Prints both figures."""
    parser = argparse.ArgumentParser(description="The cost and the care of a batch.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--tiles", type=int, default=200)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    found = sorted(p.resolve() for p in options.folder.rglob("*") if p.suffix.lower() in KINDS)
    tiles = found[:: max(1, len(found) // options.tiles)][: options.tiles]
    with tempfile.TemporaryDirectory() as folder:
        _compare(tiles, Path(folder), options)
        if options.kills:
            _kill(tiles, Path(folder), options)


def _asked(tiles: Sequence[Path], lines: int) -> list[tuple[Path, str]]:
    each = len(QUESTIONS)
    return [(tiles[(n // each) % len(tiles)], QUESTIONS[n % each]) for n in range(lines)]


def _written(path: Path, asked: Sequence[tuple[Path, str]]) -> Path:
    rows = ({"id": f"q{n}", "image": str(i), "query": q} for n, (i, q) in enumerate(asked))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _compare(tiles: Sequence[Path], folder: Path, options: argparse.Namespace) -> None:
    part = options.lines // (2 * options.rounds)
    ratios, against_threads, before_kb = [], [], 0
    for round_ in range(options.rounds):
        some = tiles[round_ :: options.rounds]
        asked = _asked(some, part)
        alone_s = asyncio.run(_in_processes(asked, options.workers))
        threads_s = asyncio.run(_alone(asked, options.workers, MeasureEngine()))
        source = _written(folder / f"compare-{round_}.jsonl", asked)
        job = BatchJob(source, limits=RunLimits(concurrency=options.workers))
        done = job.begin(resume=False, overwrite=True)
        own_s = time.process_time()
        asyncio.run(job.run(Settings(data_dir=folder / "data"), done))
        own_s = time.process_time() - own_s
        batch_s = job.seconds
        ratios.append(alone_s / batch_s)
        against_threads.append(threads_s / batch_s)
        now_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _say(
            f"{part} questions: engine alone {part / alone_s:.1f}/s (in threads "
            f"{part / threads_s:.1f}/s), batch {part / batch_s:.1f}/s "
            f"({alone_s / batch_s:.0%}), {1000 * own_s / part:.1f} ms of the batch's own process a "
            f"line; {job.pictures_read} images read; "
            f"most memory so far {now_kb / 1024:.0f} MB (+{(now_kb - before_kb) / 1024:.0f})"
        )
        before_kb = now_kb
    _say(
        f"throughput of the batch: {statistics.median(ratios):.0%} of the engine's in the same "
        f"number of processes, goal {GOAL:.0%}; {statistics.median(against_threads):.0%} of the "
        "engine's in threads of one process"
    )


async def _in_processes(asked: Sequence[tuple[Path, str]], workers: int) -> float:
    async with in_processes(Limits()) as measuring:
        return await _alone(asked, workers, MeasureEngine(measuring))


async def _alone(asked: Sequence[tuple[Path, str]], workers: int, engine: MeasureEngine) -> float:
    """Seconds of the engine in a bare loop; each picture is read and decoded once."""
    rows = iter(asked)
    pictures: dict[Path, asyncio.Task[Picture]] = {}

    async def work() -> None:
        for path, question in rows:
            if path not in pictures:
                pictures[path] = asyncio.create_task(asyncio.to_thread(_picture, path))
            picture = await pictures[path]
            await engine.chat(Prompt((Turn("user", (picture, question)),)))

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(workers)))
    return time.perf_counter() - began


def _picture(path: Path) -> Picture:
    return decode(path.read_bytes(), Limits())


def _kill(tiles: Sequence[Path], folder: Path, options: argparse.Namespace) -> None:
    source = _written(folder / "kill.jsonl", _asked(tiles, options.lines))
    out, heard = folder / "kill.answers.jsonl", folder / "heard"
    dice = random.Random(options.seed)  # noqa: S311 - when to kill
    port = _free_port()
    with _process("benchmarks.batch", port, "--serve", str(heard)):
        command = [sys.executable, "-c", SWATH, "batch", str(source), str(out), "--resume"]
        peaks: list[int] = []
        for kill in range(options.kills):
            share = (kill + dice.uniform(0.2, 0.9)) / options.kills
            peaks.append(_until(command, port, folder, out, int(share * options.lines)))
        peaks.append(_until(command, port, folder, out, None))
    records = [json.loads(line) for line in out.read_text().splitlines()]
    ids = Counter(record["id"] for record in records)
    calls = int(heard.read_text())
    models = sum(record.get("attempts", 0) > 0 for record in records)
    _say(
        f"{options.kills} kills: {len(ids)} of {options.lines} ids, "
        f"{sum(ids.values()) - len(ids)} doubled; {calls} calls for {models} answers: "
        f"{(calls - models) / models:.2%} repeated (goal 2 %); "
        f"failed {sum(record['status'] == 'failed' for record in records)}; "
        f"memory of each run {', '.join(f'{peak / 1024:.0f}' for peak in peaks)} MB"
    )


def _until(command: list[str], port: int, folder: Path, out: Path, lines: int | None) -> int:
    """Runs the command, kills it once there are so many results; returns its peak memory in kB."""
    url = f"http://127.0.0.1:{port}"
    variables = {"SWATH_DATA_DIR": str(folder / "data"), "VQA_BASE_URL": url}
    line = ["env", *(f"{k}={v}" for k, v in {**variables, "CAPTION_BASE_URL": url}.items())]
    with (folder / "said").open("a") as said:
        process = subprocess.Popen([*line, *command], stderr=said)  # noqa: S603 - our own command
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory_kb(process.pid))
            if lines is not None and out.exists() and out.read_bytes().count(b"\n") >= lines:
                process.send_signal(signal.SIGKILL)
                process.wait()
            time.sleep(0.05)
    return peak


def _memory_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(found.split()[1])


def _serve(port: int, heard: Path) -> None:
    """The services with the embedded engine, over HTTP, counting what they are asked."""
    calls = 0
    jobs = SqliteJobs(heard.with_suffix(".jobs"))
    app = create_service("qwen-vqa-special", MeasureEngine(), jobs)

    async def counted(scope: dict[str, object], receive: object, send: object) -> None:
        nonlocal calls
        if scope["type"] == "http" and scope["method"] == "POST":
            calls += 1
            heard.write_text(str(calls))  # noqa: ASYNC240 - a few bytes
        await app(scope, receive, send)  # type: ignore[arg-type]

    uvicorn.run(counted, port=port, log_level="warning")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        _serve(int(sys.argv[1]), Path(sys.argv[3]))
    else:
        main()
