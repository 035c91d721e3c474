from __future__ import annotations

import importlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagery import Limits
from modal_services.answering import Answerer
from modal_services.prompting import load_public
from modal_services.vllm_server import VllmDidNotStart, VllmServer
from tests.fakes import ScriptedEngine

pytestmark = pytest.mark.anyio

SHELLS = {"vqa": "qwen-vqa-special", "captioning": "qwen-caption-special"}
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "How many ships?"}]}


@pytest.mark.parametrize(("name", "model"), SHELLS.items())
def test_a_shell_imports_with_no_account_and_no_network(name: str, model: str) -> None:
    shell = importlib.import_module(f"modal_services.{name}")
    assert shell.app.name == f"qwen3-vlm-{name}"
    assert model == shell.MODEL


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_loads_as_a_script_as_modal_deploy_does(name: str) -> None:
    code = (
        "import sys; from modal.cli.import_refs import *;"
        f"m = import_file_or_module(parse_import_ref('modal_services/{name}.py'));"
        "print(m.app.name)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == f"qwen3-vlm-{name}", done.stderr


@pytest.mark.filterwarnings("ignore:The Model.answer function is executing locally")
@pytest.mark.parametrize("name", SHELLS)
async def test_the_workers_method_answers_with_an_envelope_and_never_raises(name: str) -> None:
    shell = importlib.import_module(f"modal_services.{name}")
    worker = shell.Model()
    engine = ScriptedEngine()
    worker._cached_user_cls_instance().answerer = Answerer("m", engine, Limits(), load_public)
    worker._entered = True  # as if vLLM had been started
    good = await worker.answer.local(REQUEST)
    assert good["completion"]["choices"][0]["message"]["content"] == "Three ships."
    bad = await worker.answer.local({"model": "m"})
    assert bad["ok"] is False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VllmServer]:
    made: list[VllmServer] = []
    script = tmp_path / "vllm.py"
    script.write_text(
        "import http.server, sys\n"
        "port = int(sys.argv[sys.argv.index('--port') + 1])\n"
        "class Healthy(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers()\n"
        "    def log_message(self, *_): pass\n"
        "http.server.HTTPServer(('127.0.0.1', port), Healthy).serve_forever()\n"
    )

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made.append(VllmServer("M", "m", port=port, command=(sys.executable, str(script))))
    yield made[0]
    made[0].stop()


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
