"""A secret and a picture that are sent everywhere: where they are found afterwards.

The service behind the server does its worst: it answers with all that it was sent.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.api.keys import setting_of
from tests.end_to_end.servers import SWATH, environment, free_port, wait_for
from tests.fakes import data_uri, noise_png
from tests.recording_server import Recorder, recording

KEY = "sk-swath-canary-4f1c9e7d"
SERVICE_SECRET = "service-canary-93b1"
WORDS = "canary-question-4711"  # for the threads alone
BEARER = {"Authorization": f"Bearer {KEY}"}
PICTURE = noise_png(9000)


class Echo(Recorder):
    """Answers 400 with all that it is sent, or 202 to traces."""

    def answer(self, body: bytes) -> None:
        said = f"{self.headers} {body.decode(errors='replace')}"
        answer = json.dumps({"error": {"message": said, "code": said, "type": said}}).encode()
        self.send_response(202 if self.path.endswith("/v1/traces") else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@pytest.fixture
def echo() -> Iterator[tuple[str, list[bytes]]]:
    with recording(Echo) as found:
        yield found


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


def test_a_secret_and_a_picture_are_in_no_log_metric_trace_error_or_database(
    tmp_path: Path, echo: tuple[str, list[bytes]]
) -> None:
    address, received = echo
    settings = {
        "SWATH_API_KEYS": setting_of("acme", KEY),
        "SWATH_SERVICE_API_KEY": SERVICE_SECRET,
        "SWATH_LOG_LEVEL": "debug",
        "SWATH_DURABILITY": "debug",
        "SWATH_OTEL_ENDPOINT": f"{address}/v1/traces",
        "CAPTION_BASE_URL": address,
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_ENDPOINT": f"{address}/langsmith",
        "LANGSMITH_API_KEY": "k",
    }
    with logging_server(tmp_path, **settings) as (url, log):
        told = [*asked(url), *refused(url), *read_again(url)]
    sent = [each for each in received if b"/chat/completions" in each.split(b" ", 1)[0]]
    traced = [each for each in received if each.startswith(b"/v1/traces ")]
    assert not any(b"langsmith" in each.split(b" ", 1)[0] for each in received)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in files if "images" not in path.parts]
    assert any(b"SQLite" in each[:20] for each in kept)
    logged = log.read_bytes()
    assert b"/api/chat" in logged
    assert b"chat" in b"".join(traced)
    everything = b"\n".join([*told, *kept, *traced, logged])
    for hidden in (KEY.encode(), SERVICE_SECRET.encode(), *spellings(PICTURE), *as_sent(sent)):
        at = everything.find(hidden)
        assert at < 0, everything[max(0, at - 300) : at + 100]
    assert WORDS.encode() in b"".join(kept)
    assert WORDS.encode() not in b"\n".join([*traced, logged])


def as_sent(sent: list[bytes]) -> list[bytes]:
    """The picture as the service saw it, which is another file; the service saw the secret too."""
    assert all(SERVICE_SECRET.encode() in each for each in sent)
    encoded = {found[1] for each in sent if (found := re.search(rb";base64,([\w+/=]+)", each))}
    assert len(encoded) == 1
    return spellings(base64.b64decode(encoded.pop()))


def spellings(picture: bytes) -> list[bytes]:
    """The picture's middle: bare, and in base64 in whichever of the three ways it falls."""
    middle = [base64.b64encode(picture[2001 + shift : 2061 + shift]) for shift in range(3)]
    return [picture[2000:2024], *middle]


def asked(url: str) -> list[bytes]:
    """The picture and the words by every way of asking."""
    uri = data_uri(PICTURE)
    measured, described = f"How much is water? {WORDS}", f"Describe it. {WORDS}"
    body = {"image": uri, "thread_id": "t"}
    session = requests.Session()
    session.headers.update(BEARER)
    chats = [
        session.post(f"{url}/api/chat", json={**body, "message": message}, headers=how, timeout=30)
        for message in (measured, described)
        for how in ({}, {"Accept": "text/event-stream"}, {"Idempotency-Key": message.split()[0]})
    ]
    assert [answer.status_code for answer in chats] == [200, 200, 200, 502, 200, 502]
    picture = {"type": "image_url", "image_url": {"url": uri}}
    content = [{"type": "text", "text": described}, picture]
    asked = {"model": "swath-agent", "messages": [{"role": "user", "content": content}]}
    fronts = [
        session.post(f"{url}/v1/chat/completions", json={**asked, "stream": streams}, timeout=30)
        for streams in (False, True)
    ]
    uploads = [
        session.post(f"{url}/api/images", files={"file": (f"{WORDS}.png", PICTURE)}, timeout=30),
        session.post(f"{url}/api/images", data=PICTURE, timeout=30),
    ]
    assert [answer.status_code for answer in uploads] == [201, 201]
    return [answer.content for answer in (*chats, *fronts, *uploads)]


def refused(url: str) -> list[bytes]:
    """The errors that a server gives when it is sent the picture and the key everywhere."""
    uri = data_uri(PICTURE)
    bodies = (
        {"json": {"message": uri, "image": 7, KEY: uri}},
        {"json": {"message": [uri], "image": uri[:-40]}},
        {"json": uri},
        {"json": {"message": "?", "image": uri[: len(uri) // 2], "thread_id": KEY + "/"}},
        {"json": {"message": "?", "image": uri, "vqa_type": uri}},
    )
    bad = [
        requests.post(f"{url}{path}", headers=BEARER, timeout=30, **body)
        for body in bodies
        for path in ("/api/chat", "/v1/chat/completions", "/api/threads/prune", "/api/route")
    ]
    long = {"image_url": uri[:3000], "question": KEY}
    bad += [
        requests.get(f"{url}/api/images/{KEY}", params=long, headers=BEARER, timeout=30),
        requests.post(f"{url}/api/vqa", params=long, headers=BEARER, timeout=30),
        requests.post(f"{url}/api/vqa", params=long, timeout=30),
        requests.get(f"{url}/api/turns/x", headers={"Authorization": KEY}, timeout=30),
        requests.post(f"{url}/api/images", data=PICTURE[:5000], headers=BEARER, timeout=30),
    ]
    assert all(answer.status_code >= 400 for answer in bad)
    return [answer.content for answer in bad]


def read_again(url: str) -> list[bytes]:
    """What is told of it afterwards."""
    paths = (
        "/api/threads/t", "/api/threads/t/export", "/api/threads/t/checkpoints",
        "/api/threads/t/turns/4/trace", "/metrics", "/readyz",
    )  # fmt: skip
    found = [requests.get(f"{url}{path}", headers=BEARER, timeout=30) for path in paths]
    assert all(answer.ok for answer in found[:-1])
    return [answer.content for answer in found]
