from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.batch.files import questions, read
from tests.end_to_end.servers import SWATH, environment, served, swath


def test_a_batch_that_is_killed_again_and_again_answers_every_line_once(tmp_path: Path) -> None:
    source = questions(tmp_path, 240, pictures=24)
    out = tmp_path / "out.jsonl"
    data = tmp_path / "data"
    with served("service", "vqa", data_dir=tmp_path / "vqa", health="/health") as (url, _):
        variables = environment(data, {"VQA_BASE_URL": url, "CAPTION_BASE_URL": url})
        command = [*SWATH, "batch", str(source), str(out), "--resume"]
        for lines in (20, 90, 150):
            process = subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL)
            _wait_for_lines(out, lines, process)
            process.send_signal(signal.SIGKILL)
            process.wait()
        done = subprocess.run(command, env=variables, check=False, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert Counter(r["id"] for r in read(out)) == Counter(f"q{n}" for n in range(240))


def _wait_for_lines(path: Path, lines: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists() and path.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.01)


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """A shell starts what runs in its background deaf to it, and so would be all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    source = questions(tmp_path, 3000, pictures=40)
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        [*SWATH, "batch", str(source), str(out)],
        env=environment(tmp_path / "data", {}), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _wait_for_lines(out, 10, process)  # type: ignore[arg-type]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Continue with:" in said
    assert said.rstrip().endswith("--resume")
    assert "Traceback" not in said
    records = read(out)
    assert f"{len(records):,} done and on disk" in said


def test_the_command_sums_up_and_its_exit_code_tells(tmp_path: Path) -> None:
    source = questions(tmp_path, 6)
    done = swath("batch", str(source), "--json", data_dir=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["done"], summary["failed"], summary["images_read"]) == (6, 0, 4)
    again = swath("batch", str(source), data_dir=tmp_path)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    given = [str(source), str(tmp_path / "l.jsonl"), "--images", str(tmp_path), "--via", "async"]
    limited = swath("batch", *given, "--max-requests", "2", data_dir=tmp_path)
    assert limited.returncode == 3
    assert f"Continue with:  swath batch {' '.join(given)} --resume" in limited.stderr
    with source.open("a") as file:
        file.write("{\n")
    failed = swath("batch", str(source), str(tmp_path / "f.jsonl"), data_dir=tmp_path)
    assert failed.returncode == 1
    assert "1 x bad_row" in failed.stderr
