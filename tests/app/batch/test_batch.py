from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.batch.asking import is_retryable
from app.batch.grouping import grouped
from app.batch.job import BatchJob
from app.batch.results import Results, ResultsTrouble, repaired
from app.batch.resuming import Done
from app.batch.rows import Question
from app.batch.running import RunLimits
from app.batch.tally import Latencies
from app.cli.batch_progress import clock
from app.errors import BadRequest
from app.settings import Settings
from tests.app.batch.files import questions, read, written
from tests.end_to_end.servers import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", decode_workers=1, _env_file=None)


async def test_every_line_gets_one_record_and_each_picture_is_read_once(
    tmp_path: Path, settings: Settings
) -> None:
    source = questions(tmp_path, 60)
    with source.open("a") as file:
        file.write("no json\n" + json.dumps({"id": "gone", "image": "gone.png", "query": "?"}))
    job = BatchJob(source)
    assert await job.run(settings, job.begin(resume=False, overwrite=False)) == "done"
    records = {record["id"]: record for record in read(job.path)}
    assert len(records) == len(read(job.path)) == 62
    assert records["line-61"]["error"]["code"] == "bad_row"
    assert records["gone"]["status"] == "failed"
    assert records["gone"]["error"]["retryable"] is False
    assert records["gone"]["query"] == "?"
    assert records["q0"]["answer"].count("32")
    assert records["q2"]["status"] == "refused"
    assert job.pictures_read == 5
    assert not (tmp_path / "data" / "threads.sqlite3").exists()
    assert not (tmp_path / "data" / "images").exists()
    assert job.summary()["latency_ms"]["p95"] >= job.summary()["latency_ms"]["p50"]


async def test_a_limit_ends_a_run_and_the_next_one_goes_on(
    tmp_path: Path, settings: Settings
) -> None:
    source = questions(tmp_path, 20)
    first = BatchJob(source, limits=RunLimits(max_requests=7))
    assert await first.run(settings, first.begin(resume=False, overwrite=False)) == "limit"
    assert len(read(first.path)) == 7
    second = BatchJob(source)
    assert await second.run(settings, second.begin(resume=True, overwrite=False)) == "done"
    assert (second.tally.before, second.tally.asked) == (7, 13)
    assert Counter(r["id"] for r in read(second.path)) == Counter(f"q{n}" for n in range(20))


async def test_a_torn_last_line_is_asked_again(tmp_path: Path, settings: Settings) -> None:
    source = questions(tmp_path, 6)
    first = BatchJob(source)
    await first.run(settings, first.begin(resume=False, overwrite=False))
    whole = first.path.read_bytes()
    first.path.write_bytes(whole[:-30])
    again = BatchJob(source)
    await again.run(settings, again.begin(resume=True, overwrite=False))
    assert again.tally.asked == 1
    assert sorted(r["id"] for r in read(again.path)) == [f"q{n}" for n in range(6)]


async def test_failures_that_may_pass_are_asked_again_on_resuming(tmp_path: Path) -> None:
    source = questions(tmp_path, 6)
    away = f"http://127.0.0.1:{free_port()}"
    settings = Settings(
        data_dir=tmp_path / "data", vqa_base_url=away, decode_workers=1, max_attempts=1,
        _env_file=None,
    )  # fmt: skip
    first = BatchJob(source, limits=RunLimits(give_up_after=0))
    await first.run(settings, first.begin(resume=False, overwrite=False))
    assert {record["status"] for record in read(first.path)} == {"failed"}
    assert all(record["error"]["retryable"] for record in read(first.path))
    there = settings.model_copy(update={"vqa_base_url": ""})
    again = BatchJob(source)
    await again.run(there, again.begin(resume=True, overwrite=False))
    assert len(read(again.path)) == 6
    assert {record["status"] for record in read(again.path)} == {"answered", "refused"}


async def test_a_service_that_is_away_ends_the_run(tmp_path: Path) -> None:
    source = questions(tmp_path, 40)
    away = f"http://127.0.0.1:{free_port()}"
    settings = Settings(
        data_dir=tmp_path / "data", vqa_base_url=away, decode_workers=1, max_attempts=1,
        _env_file=None,
    )  # fmt: skip
    job = BatchJob(source, limits=RunLimits(concurrency=2, give_up_after=5))
    assert await job.run(settings, job.begin(resume=False, overwrite=False)) == "gave_up"
    assert job.tally.asked < 10


@pytest.mark.parametrize("via", [False, True])
async def test_questions_go_as_jobs_where_that_is_wanted(
    tmp_path: Path, settings: Settings, *, via: bool
) -> None:
    source = questions(tmp_path, 4)
    job = BatchJob(source, as_jobs=via)
    await job.run(settings, job.begin(resume=False, overwrite=False))
    assert {record["status"] for record in read(job.path)} == {"answered", "refused"}
    jobs = tmp_path / "data" / "jobs-vqa.sqlite3"
    said = jobs.read_bytes() if jobs.exists() else b""
    wal = jobs.with_name(jobs.name + "-wal")
    said += wal.read_bytes() if wal.exists() else b""
    assert (b"fc-" in said) is via


def test_results_are_not_overwritten_unless_that_is_said(tmp_path: Path) -> None:
    source = questions(tmp_path, 2)
    job = BatchJob(source)
    job.path.write_text("precious\n")
    with pytest.raises(BadRequest, match="is there already"):
        job.begin(resume=False, overwrite=False)
    with pytest.raises(ResultsTrouble, match="no result"):
        job.begin(resume=True, overwrite=False)
    assert job.path.read_text() == "precious\n"
    job.begin(resume=False, overwrite=True)


def test_the_questions_are_never_the_results(tmp_path: Path) -> None:
    source = questions(tmp_path, 2)
    with pytest.raises(BadRequest, match="overwrite"):
        BatchJob(source, source)


async def test_an_input_that_changed_is_not_gone_on_with(
    tmp_path: Path, settings: Settings
) -> None:
    source = questions(tmp_path, 3)
    job = BatchJob(source)
    await job.run(settings, job.begin(resume=False, overwrite=False))
    written(source, [{"id": "other", "image": "tile0.png", "query": "Is there water?"}])
    again = BatchJob(source)
    with pytest.raises(ResultsTrouble, match="line 1 of the input"):
        await again.run(settings, again.begin(resume=True, overwrite=False))


async def test_two_batches_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with Results(path), pytest.raises(ResultsTrouble, match="another batch"):
        Results(path)
    with Results(path):
        pass


def test_only_a_line_without_its_end_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    for text, left in (("a\nb\n", "a\nb\n"), ("a\nb", "a\n"), ("ab", ""), ("", "")):
        path.write_text(text)
        repaired(path)
        assert path.read_text() == left
    long = "x" * 200_000
    path.write_text(f"a\n{long}")
    assert repaired(path) == len(long)


def test_lines_on_one_picture_come_together_and_none_is_lost() -> None:
    rows = [Question(n, f"q{n}", image=f"{n % 3}.png") for n in range(11)]
    found = [row.line for row in grouped(iter(rows), most=9)]
    assert sorted(found) == list(range(11))
    # The first question on a picture stands in front of the last picture's others.
    assert found == [0, 1, 3, 6, 2, 4, 7, 5, 8, 9, 10]


def test_done_lines_take_four_bytes_each() -> None:
    done = Done()
    assert done.add(5, "a")
    assert not done.add(5, "a")
    rows = [Question(5, "a"), Question(6, "b")]
    assert [row.line for row in done.missing(rows)] == [6]


def test_quantiles_are_right_to_two_percent() -> None:
    latencies = Latencies()
    assert latencies.quantile(0.5) is None
    for ms in range(1, 1001):
        latencies.add(ms)
    assert latencies.quantile(0.5) == pytest.approx(500, rel=0.02)
    assert latencies.quantile(0.95) == pytest.approx(950, rel=0.02)


@pytest.mark.parametrize(
    ("code", "status", "again"),
    [
        ("vision_timeout", None, True), ("vision_refused", 400, False),
        ("vision_refused", 429, True), ("vision_failed", 500, True),
        ("not_an_image", None, False), ("image_fetch_failed", None, True),
    ],
)  # fmt: skip
def test_what_may_succeed_later_is_told_apart(
    code: str,
    status: int | None,
    again: bool,
) -> None:
    assert is_retryable(code, status) is again


def test_an_eta_is_a_clock() -> None:
    assert [clock(s) for s in (5, 95, 3725)] == ["0:05", "1:35", "1:02:05"]


async def test_lines_and_pictures_that_were_put_right_are_asked_on_resuming(
    tmp_path: Path, settings: Settings
) -> None:
    source = questions(tmp_path, 2)
    whole = source.read_text()
    source.write_text(f'{whole}{{"image": "new.png", "query": "Is there water?"}}\nno json\n')
    first = BatchJob(source)
    await first.run(settings, first.begin(resume=False, overwrite=False))
    assert first.tally.codes == {"bad_row": 1, "bad_image_reference": 1}
    shutil.copy(tmp_path / "tile0.png", tmp_path / "new.png")
    source.write_text(source.read_text().replace("no json", '{"image": "tile1.png"}'))
    again = BatchJob(source)
    await again.run(settings, again.begin(resume=True, overwrite=False))
    assert (again.tally.before, again.tally.asked, again.tally.codes) == (2, 2, {})
    assert sorted(record["line"] for record in read(again.path)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "line", ['{"image": "tile0.png", "query": "Is it?"}', '{"id": "b", "query": "Is there water?"}']
)
async def test_a_line_that_is_another_question_now_is_no_reason_to_keep_its_answer(
    tmp_path: Path, settings: Settings, line: str
) -> None:
    questions(tmp_path, 1)
    source = tmp_path / "in.jsonl"
    source.write_text('{"image": "tile0.png", "query": "Is there water?"}\n')
    first = BatchJob(source)
    await first.run(settings, first.begin(resume=False, overwrite=False))
    source.write_text(f"{line}\n")
    again = BatchJob(source)
    with pytest.raises(ResultsTrouble, match="line 1 of the input"):
        await again.run(settings, again.begin(resume=True, overwrite=False))


@pytest.mark.parametrize("name", ["-", "folder"])
def test_what_is_no_file_is_neither_read_nor_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    path = Path("-") if name == "-" else tmp_path / name
    with pytest.raises(BadRequest, match="no file"):
        BatchJob(questions(tmp_path, 1), path)
    with pytest.raises(BadRequest, match="no file"):
        BatchJob(path)


def test_a_full_disk_ends_the_run_and_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    script = (
        "import resource, signal; from pathlib import Path; from app.batch.results import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"with Results(Path({str(path)!r})) as results:\n"
        "    for n in range(9):\n"
        "        try: results.write({'line': n, 'words': 'x' * 20})\n"
        "        except ResultsTrouble as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert "out.jsonl cannot be written: File too large" in done.stdout
    assert [record["line"] for record in read(path)] == [0, 1]
