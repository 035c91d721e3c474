"""A serving process and every hostile file, all at once and one after the other."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.end_to_end.servers import served


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in MB; Linux only."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("memory of a process is read from /proc")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def upload(url: str, data: bytes) -> tuple[int, Any]:
    answer = requests.post(f"{url}/api/images", data=data, timeout=30)
    return answer.status_code, answer.json()


def test_a_server_survives_every_hostile_file_and_answers_each(
    shared_data: Path, tmp_path: Path
) -> None:
    imagery = shared_data / "imagery"
    rows = [json.loads(line) for line in (imagery / "labels.jsonl").read_text().splitlines()]
    wanted = {row["file"]: row["answer"] for row in rows if row["task"] == "hostile"}
    files = {name: (imagery / name).read_bytes() for name in wanted}
    with served("serve", data_dir=tmp_path, health="/readyz") as (url, process):
        before_mb = resident_mb(process.pid)
        with ThreadPoolExecutor(16) as pool:
            at_once = dict(
                zip(files, pool.map(lambda d: upload(url, d), files.values()), strict=True)
            )
        one_by_one = {name: upload(url, data) for name, data in files.items()}
        assert resident_mb(process.pid) - before_mb < 300
        assert requests.get(f"{url}/livez", timeout=5).ok
    for name, (status, body) in at_once.items():
        assert one_by_one[name][0] == status, name
        assert status == 201 or (400 <= status < 500 and body["error"]["message"]), name
        if wanted[name].startswith("accept") and "or_reject" not in wanted[name]:
            assert status == 201, (name, body)
        if wanted[name].startswith("reject") and "or_" not in wanted[name]:
            assert status != 201, name
