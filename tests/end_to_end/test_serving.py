from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.api.keys import setting_of
from benchmarks.turns.places import upstream
from tests.end_to_end.servers import served, swath
from tests.end_to_end.test_hostile_uploads import resident_mb
from tests.fakes import data_uri

KEY = "sk-swath-of-acme-4f1c9e7d"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_without_a_key_nothing_beyond_loopback_is_listened_on(tmp_path: Path, host: str) -> None:
    for arguments, variables in (
        (["serve", "--host", host], {}),
        (["serve"], {"SWATH_HOST": host}),
    ):
        done = swath(*arguments, data_dir=tmp_path, **variables)
        assert done.returncode == 2
        assert "no access key" in done.stderr
        assert "swath keys new" in done.stderr


def test_with_a_key_every_address_is_listened_on(tmp_path: Path) -> None:
    settings = {"SWATH_API_KEYS": setting_of("acme", KEY), "SWATH_HOST": "0.0.0.0"}
    with served("serve", data_dir=tmp_path, health="/livez", **settings) as (url, _):
        assert requests.get(f"{url}/api/graph", timeout=5).status_code == 401
        assert requests.get(f"{url}/api/graph", headers=BEARER, timeout=5).ok


def test_a_server_with_open_requests_is_gone_five_seconds_after_it_was_asked(
    tmp_path: Path,
) -> None:
    answers: list[requests.Response] = []

    def ask(url: str) -> None:
        body = {"message": "How many ships are there?", "image": data_uri()}
        with contextlib.suppress(requests.RequestException):
            answers.append(requests.post(f"{url}/api/chat", json=body, timeout=60))

    with upstream(tmp_path, 1e9) as slow:
        settings = {"VQA_BASE_URL": slow, "VQA_MODEL": "slow"}
        with served("serve", data_dir=tmp_path, health="/livez", **settings) as (url, process):
            asking = [threading.Thread(target=ask, args=(url,)) for _ in range(20)]
            for thread in asking:
                thread.start()
            half = half_sent(url)
            idle = requests.Session()
            idle.get(f"{url}/livez", timeout=5)
            until_in_flight(url, 20)
            process.terminate()
            process.wait(5)
            for thread in asking:
                thread.join()
            half.close()
            idle.close()
    assert process.returncode in (0, -15)
    assert len(answers) == 20
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["error"]["code"] for answer in answers} == {"stopping"}


def half_sent(url: str) -> socket.socket:
    """A connection on which a body is never finished."""
    host, port = url.removeprefix("http://").split(":")
    open_one = socket.create_connection((host, int(port)))
    head = "POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc"
    open_one.sendall(head.encode())
    return open_one


def until_in_flight(url: str, count: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in requests.get(f"{url}/metrics", timeout=5).text.splitlines():
            if line.startswith("swath_http_requests_in_flight ") and float(line.split()[1]) > count:
                return
        time.sleep(0.1)
    raise AssertionError(f"{count} requests were never on their way")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_a_hundred_megabytes_is_refused_and_never_kept(
    tmp_path: Path, chunked: bool
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1_000_000

    with served("serve", data_dir=tmp_path, health="/readyz") as (url, process):
        before_mb = resident_mb(process.pid)
        body = pieces() if chunked else b"x" * 100_000_000
        answer = requests.post(f"{url}/api/images", data=body, timeout=60)
        after_mb = resident_mb(process.pid)
        assert requests.get(f"{url}/livez", timeout=5).ok
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert after_mb - before_mb < 60
