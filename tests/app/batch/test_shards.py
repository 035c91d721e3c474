from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.batch.ray_shards import ShardWorker
from app.batch.shards import merge, report, results_of, shard_files, split
from app.batch.vllm_shards import run_shards
from app.errors import BadRequest
from app.settings import Settings
from modal_services.batch_shards import run_batch
from tests.app.batch.files import read, requests_on_tiles, written
from tests.end_to_end.servers import SWATH, environment

ROOT = Path(__file__).parents[3]
FAKE_VLLM = """
import json, sys
given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
with open(given["-i"]) as asked, open(given["-o"], "w") as made:
    for line in asked:
        name = json.loads(line)["custom_id"]
        body = {"choices": [{"message": {"content": "Yes."}}], "usage": {"prompt_tokens": 2}}
        made.write(json.dumps({"id": "vllm-1", "custom_id": name, "error": None,
                               "response": {"status_code": 200, "body": body}}) + "\\n")
sys.exit(given["--model"] == "broken")
"""


def requests(folder: Path, count: int) -> Path:
    def one(n: int) -> dict[str, Any]:
        image = {"type": "image_url", "image_url": {"url": f"https://example.org/{n % 7}.png"}}
        body = {"model": "m", "messages": [{"role": "user", "content": [image]}]}
        url = "/v1/chat/completions"
        return {"custom_id": f"r{n}", "method": "POST", "url": url, "body": body}

    return written(folder / "requests.jsonl", [one(n) for n in range(count)])


def result(name: str, status: int = 200) -> dict[str, Any]:
    body = {"choices": [], "usage": {"prompt_tokens": 5}}
    error = None if status == 200 else {"code": "busy"}
    response = {"status_code": status, "body": body}
    return {"id": "x", "custom_id": name, "response": response, "error": error}


@pytest.fixture
def fake_vllm(tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "vllm.py"
    path.write_text(FAKE_VLLM)
    return sys.executable, str(path)


def test_shards_hold_every_request_once_and_each_image_is_in_one(tmp_path: Path) -> None:
    source = requests(tmp_path, 70)
    counts = split(source, tmp_path / "shards", 3)
    assert sum(counts) == 70
    homes: dict[str, set[str]] = {}
    names = []
    for shard in shard_files(tmp_path / "shards"):
        for row in read(shard):
            names.append(row["custom_id"])
            homes.setdefault(json.dumps(row["body"]), set()).add(shard.name)
    assert sorted(names) == sorted(f"r{n}" for n in range(70))
    assert all(len(shards) == 1 for shards in homes.values())
    with pytest.raises(BadRequest, match="already"):
        split(source, tmp_path / "shards", 3)


def test_merging_keeps_an_answer_before_an_error(tmp_path: Path) -> None:
    one = written(tmp_path / "1.jsonl", [result("a", 503), result("b")])
    two = written(tmp_path / "2.jsonl", [result("a"), result("b"), result("c", 500)])
    assert merge(tmp_path / "all.jsonl", [one, two]) == (3, 2)
    merged = {
        row["custom_id"]: row["response"]["status_code"] for row in read(tmp_path / "all.jsonl")
    }
    assert merged == {"a": 200, "b": 200, "c": 500}


def test_a_report_tells_what_is_missing_doubled_and_unknown(tmp_path: Path) -> None:
    source = requests(tmp_path, 4)
    found = written(
        tmp_path / "1.jsonl",
        [
            result("r0"),
            result("r0"),
            result("r1", 503),
            result("r2", 500),
            result("r2"),
            result("z"),
        ],
    )
    told = report(source, [found])
    assert (told["answered"], told["failed"], told["missing"]) == (2, 1, 1)
    assert (told["doubled"], told["unknown"]) == (1, 1)
    assert told["failures"] == {"busy": 1}


def test_vllm_runs_every_shard_that_has_no_results(
    tmp_path: Path, fake_vllm: tuple[str, str]
) -> None:
    source, folder = requests(tmp_path, 20), tmp_path / "shards"
    split(source, folder, 2)
    first, second = shard_files(folder)
    assert run_shards(folder, "broken", command=fake_vllm) == [first, second]
    assert not results_of(first).exists()
    written(results_of(first), [result("r0")])
    assert run_shards(folder, "m", command=fake_vllm) == []
    assert len(read(results_of(first))) == 1
    assert len(read(results_of(second))) == len(read(second))


def test_the_modal_function_runs_vllms_own_command(
    tmp_path: Path, fake_vllm: tuple[str, str]
) -> None:
    text = requests(tmp_path, 3).read_text()
    results = run_batch(text, (*fake_vllm, "run-batch"))
    assert [json.loads(line)["custom_id"] for line in results.splitlines()] == ["r0", "r1", "r2"]


def test_a_ray_worker_goes_on_with_a_shard_and_tells_what_is_wrong_with_another(
    tmp_path: Path,
) -> None:
    split(requests_on_tiles(tmp_path, 6), tmp_path / "shards", 1)
    [shard] = shard_files(tmp_path / "shards")
    worker = ShardWorker(Settings(data_dir=tmp_path / "data"), tmp_path, 2)
    whole = worker({"shard": [str(shard)]})
    assert whole == {
        "shard": [shard.name], "answered": [6], "failed": [0], "codes": [""], "trouble": [""],
    }  # fmt: skip
    lines = results_of(shard).read_text().splitlines(keepends=True)
    results_of(shard).write_text("".join(lines[:4]) + lines[4][:20])  # as a dead worker leaves it
    assert worker({"shard": [str(shard)]}) == whole
    assert results_of(shard).read_text().splitlines(keepends=True)[:4] == lines[:4]
    results_of(shard).write_text("{}\n")
    assert "no results" in worker({"shard": [str(shard)]})["trouble"][0]


def test_without_ray_the_command_says_what_to_install(tmp_path: Path) -> None:
    split(requests(tmp_path, 3), tmp_path / "shards", 1)
    (tmp_path / "ray.py").write_text('raise ModuleNotFoundError("No module named ray")')
    done = subprocess.run(
        [*SWATH, "batch", "ray", str(tmp_path / "shards")],
        env=environment(tmp_path, {"PYTHONPATH": f"{tmp_path}:{ROOT}"}),
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "pip install 'swath[ray]'" in done.stderr
