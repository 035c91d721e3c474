from __future__ import annotations

import base64
import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.api.keys import setting_of
from benchmarks.turns.places import upstream
from tests.end_to_end.servers import SWATH, environment, free_port, served, swath, wait_for
from tests.end_to_end.test_hostile_uploads import resident_mb
from tests.fakes import data_uri, noise_png

KEY = "sk-swath-canary-4f1c9e7d"
SERVICE_SECRET = "service-canary-93b1"
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


@contextlib.contextmanager
def logging_server(tmp_path: Path, **variables: str) -> Iterator[tuple[str, Path]]:
    """A server whose stderr is a file."""
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*SWATH, "serve", "--port", str(port)],
            env=environment(tmp_path / "data", variables),
            stdout=file,
            stderr=file,
            text=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/livez", process)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()
            process.wait(15)


def test_a_secret_and_a_picture_are_in_no_log_no_metric_no_error_and_no_database(
    tmp_path: Path,
) -> None:
    picture = noise_png(9000)
    settings = {
        "SWATH_API_KEYS": setting_of("acme", KEY),
        "SWATH_SERVICE_API_KEY": SERVICE_SECRET,
        "SWATH_LOG_LEVEL": "debug",
        "CAPTION_BASE_URL": "http://127.0.0.1:1",
        "SWATH_MAX_ATTEMPTS": "1",
    }
    with logging_server(tmp_path, **settings) as (url, log):
        said = told_everything(url, picture)
        said.append(requests.get(f"{url}/metrics", headers=BEARER, timeout=5).content)
        said.append(requests.get(f"{url}/readyz", headers=BEARER, timeout=5).content)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in files if "images" not in path.parts]
    assert any(b"SQLite" in each[:20] for each in kept)
    everything = b"\n".join([*said, *kept, log.read_bytes()])
    assert b"/api/chat" in log.read_bytes()
    middle = picture[2000:2300]
    for hidden in (KEY.encode(), SERVICE_SECRET.encode(), middle[:24], *spellings(picture)):
        assert hidden not in everything


def spellings(picture: bytes) -> list[bytes]:
    """The picture's middle in base64, in whichever of the three ways it falls."""
    return [base64.b64encode(picture[2001 + shift : 2061 + shift]) for shift in range(3)]


def told_everything(url: str, picture: bytes) -> list[bytes]:
    """The errors that a server gives when it is sent the picture and the key everywhere."""
    uri = data_uri(picture)
    good = [
        requests.post(
            f"{url}/api/chat",
            json={"message": message, "image": uri, "thread_id": "t"},
            headers=BEARER,
            timeout=30,
        )
        for message in ("How much of the image is water?", "Describe it")
    ]
    assert [answer.status_code for answer in good] == [200, 503]
    bad = [
        requests.post(f"{url}/api/chat", headers=BEARER, timeout=30, **body)
        for body in (
            {"json": {"message": uri, "image": 7, KEY: uri}},
            {"json": {"message": [uri], "image": uri[:-40]}},
            {"json": uri},
            {"json": {"message": "?", "image": uri[: len(uri) // 2], "thread_id": KEY + "/"}},
            {"json": {"message": "?", "image": uri, "vqa_type": uri}},
        )
    ]
    wrong = requests.get(
        f"{url}/api/images/{KEY}", params={"u": uri[:3000]}, headers=BEARER, timeout=30
    )
    asked = requests.post(
        f"{url}/api/vqa", params={"image_url": uri[:3000], "question": "?"}, timeout=30
    )
    assert all(answer.status_code >= 400 for answer in (*bad, wrong, asked))
    return [answer.content for answer in (*good, *bad, wrong, asked)]


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
