from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

import requests

from benchmarks.turns.places import upstream
from tests.end_to_end.servers import served
from tests.fakes import data_uri


def turns(data_dir: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(data_dir / "threads.sqlite3")) as database:
        return database.execute("SELECT turn_id, state FROM swath_turns").fetchall()


def until(data_dir: Path, state: str) -> list[tuple[str, str]]:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if (found := turns(data_dir)) and found[0][1] == state:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no turn is {state}: {turns(data_dir)}")


def test_a_turn_that_a_stopped_server_cuts_off_is_finished_by_the_next_one(tmp_path: Path) -> None:
    body = {"message": "How many ships are there in lot 7?", "image": data_uri(), "thread_id": "t"}

    answers: list[requests.Response] = []

    def ask(url: str) -> None:
        answers.append(requests.post(f"{url}/api/chat", json=body, timeout=60))

    with upstream(tmp_path, 1e9) as slow:
        settings = {"VQA_BASE_URL": slow, "VQA_MODEL": "slow"}
        with served("serve", data_dir=tmp_path, health="/livez", **settings) as (url, process):
            asking = threading.Thread(target=ask, args=(url,))
            asking.start()
            [(turn_id, _)] = until(tmp_path, "open")
            time.sleep(0.5)
            process.terminate()
            process.wait(20)
            asking.join()
    [answer] = answers
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "stopping")
    assert f"/api/turns/{turn_id}/events" in answer.json()["error"]["hint"]
    assert int(answer.headers["Retry-After"]) > 0
    assert turns(tmp_path) == [(turn_id, "open")]
    (tmp_path / "again").mkdir()
    with upstream(tmp_path / "again", 1) as quick:
        settings = {"VQA_BASE_URL": quick, "VQA_MODEL": "slow"}
        with served("serve", data_dir=tmp_path, health="/livez", **settings):
            assert until(tmp_path, "answered") == [(turn_id, "answered")]
