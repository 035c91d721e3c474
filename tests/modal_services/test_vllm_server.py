from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modal_services.vllm_server import VllmDidNotStart, VllmServer
from modal_services.worker import Worker
from tests.end_to_end.servers import free_port

SCRIPT = """
import http.server, json, os, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
refused = os.environ.get("REFUSED")
class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {"path": self.path, "key": self.headers.get("Authorization"),
                "dev": os.environ.get("VLLM_SERVER_DEV_MODE"), "body": json.loads(body or "null")}
        with open(__file__ + ".log", "a") as log:
            print(json.dumps(told), file=log)
        self.send_response(500 if refused else 200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", port), Server).serve_forever()
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "vllm.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def server(script: Path) -> Iterator[VllmServer]:
    made = VllmServer("M", "m", port=free_port(), command=(sys.executable, str(script)))
    yield made
    made.stop()


def told(script: Path) -> list[dict[str, Any]]:
    """What the server was asked, in order."""
    return [json.loads(line) for line in Path(f"{script}.log").read_text().splitlines()]


def test_the_server_is_started_waited_for_and_stopped(server: VllmServer) -> None:
    server.start()
    assert server._healthy()
    server.stop()
    assert not server._healthy()
    server.stop()


def test_a_server_that_ends_at_once_is_reported() -> None:
    broken = VllmServer("M", "m", command=(sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(VllmDidNotStart, match="status 3"):
        broken.start()


def test_a_server_that_never_gets_healthy_is_ended() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    mute = VllmServer(
        "M", "m", port=1, start_s=0.6, stop_s=0.3, command=(sys.executable, "-c", code)
    )
    with pytest.raises(VllmDidNotStart, match="not healthy"):
        mute.start()


def test_the_command_line_serves_on_loopback_under_the_services_name() -> None:
    line = VllmServer("Qwen/M", "qwen-vqa-special", ("--x", "1")).arguments
    assert line[:3] == ["vllm", "serve", "Qwen/M"]
    assert line[line.index("--host") + 1] == "127.0.0.1"
    assert line[line.index("--served-model-name") + 1] == "qwen-vqa-special"
    assert line[-2:] == ["--x", "1"]


def test_warming_up_asks_in_words_and_about_a_picture(server: VllmServer, script: Path) -> None:
    server.api_key = "secret"
    server.start()
    server.warm_up()
    words, picture = told(script)
    assert words["path"] == "/v1/chat/completions"
    assert (words["key"], words["body"]["model"]) == ("Bearer secret", "m")
    kinds = [part["type"] for part in picture["body"]["messages"][0]["content"]]
    assert kinds == ["image_url", "text"]


def test_a_server_that_refuses_its_warm_up_is_reported(server: VllmServer) -> None:
    server.environment = {"REFUSED": "1"}
    server.start()
    with pytest.raises(VllmDidNotStart, match="500"):
        server.warm_up()


def test_a_server_that_is_gone_is_reported(server: VllmServer) -> None:
    with pytest.raises(VllmDidNotStart, match="does not answer"):
        server.sleep()


def test_a_snapshot_is_taken_of_a_model_asleep_that_wakes_after_it(
    server: VllmServer, script: Path
) -> None:
    server.environment = Worker("W", "r", "m", (), snapshot=True).server.environment
    worker = Worker("W", "r", "m", (), snapshot=True, server=server)
    worker.start()
    worker.resume()
    worker.stop()
    assert [each["path"] for each in told(script)[2:]] == ["/sleep?level=1", "/wake_up"]
    assert {each["dev"] for each in told(script)} == {"1"}


def test_without_a_snapshot_the_model_never_sleeps(server: VllmServer, script: Path) -> None:
    worker = Worker("W", "r", "m", (), server=server)
    worker.start()
    worker.resume()
    assert {each["path"] for each in told(script)} == {"/v1/chat/completions"}
    assert "--enable-sleep-mode" not in Worker("W", "r", "m", ()).server.arguments
    assert "--enable-sleep-mode" in Worker("W", "r", "m", (), snapshot=True).server.arguments
