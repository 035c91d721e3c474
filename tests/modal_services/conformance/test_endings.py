"""Real processes that are stopped and killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.end_to_end.servers import free_port, wait_for
from tests.modal_services.conformance.deployments import CHAT, body
from tests.modal_services.conformance.live import until
from tests.modal_services.conformance.talker import WAIT

ROOT = Path(__file__).parents[3]
Running = tuple[subprocess.Popen[str], httpx.Client]


@contextlib.contextmanager
def process(
    folder: Path, pause_s: float = 0
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    port = free_port()
    name = "tests.modal_services.conformance.service_process"
    command = [sys.executable, "-m", name, str(port), str(folder), str(pause_s)]
    started = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url + "/health", started)
        with httpx.Client(base_url=url, trust_env=False, timeout=20) as http:
            yield started, http
    finally:
        started.kill()
        started.wait(10)
        if started.stderr:
            started.stderr.close()


def submitted(http: httpx.Client, count: int) -> dict[str, str]:
    """Jobs by their question."""
    questions = [f"question {number}" for number in range(count)]
    answers = [http.post(CHAT + "/async", json=body(question)) for question in questions]
    return {
        question: answer.json()["call_id"]
        for question, answer in zip(questions, answers, strict=True)
    }


def outcome(http: httpx.Client, call_id: str) -> httpx.Response:
    until(lambda: http.get(f"{CHAT}/status/{call_id}").status_code != 202, timeout_s=20)
    return http.get(f"{CHAT}/status/{call_id}")


def test_an_open_stream_ends_with_an_error_when_the_service_stops(tmp_path: Path) -> None:
    with (
        process(tmp_path) as (service, http),
        http.stream("POST", CHAT, json=body(WAIT, stream=True)) as answer,
    ):
        lines = (line for line in answer.iter_lines() if line)
        said = [next(lines), next(lines)]
        service.terminate()
        said += list(lines)
        assert service.wait(8) in (0, -15)
    error = json.loads(said[-1].removeprefix("data: "))["error"]
    assert error["code"] == "stopping"


def test_a_stopping_service_lets_its_jobs_end(tmp_path: Path) -> None:
    with process(tmp_path, pause_s=0.5) as (service, http):
        jobs = submitted(http, 4)
        time.sleep(0.2)
        service.terminate()
        service.wait(8)
    answered = (tmp_path / "answered").read_text().split("\n")
    assert sorted(filter(None, answered)) == sorted(jobs)


def test_no_job_is_lost_or_reported_twice_when_a_service_is_killed(tmp_path: Path) -> None:
    with process(tmp_path, pause_s=0.3) as (service, http):
        jobs = submitted(http, 20)
        time.sleep(0.5)
        finished = {
            call_id: answer.json()
            for call_id in jobs.values()
            if (answer := http.get(f"{CHAT}/status/{call_id}")).status_code == 200
        }
        service.kill()
        service.wait(5)
    before = Counter(filter(None, (tmp_path / "answered").read_text().split("\n")))
    assert 0 < len(finished) < 20

    with process(tmp_path) as (_, http):
        answers = {question: outcome(http, call_id) for question, call_id in jobs.items()}
        again = {question: outcome(http, call_id) for question, call_id in jobs.items()}
    assert all(answer.status_code == 200 for answer in answers.values())
    for question, answer in answers.items():
        whole = answer.json()
        assert question in whole["choices"][0]["message"]["content"]
        assert again[question].json() == whole
        assert finished.get(jobs[question], whole) == whole
    assert len({answer.json()["id"] for answer in answers.values()}) == 20
    after = Counter(filter(None, (tmp_path / "answered").read_text().split("\n")))
    assert sum(after.values()) - 20 <= 4  # only what was running when it died ran again
    assert all(after[question] >= before[question] for question in jobs)
