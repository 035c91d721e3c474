"""swath chat as a person uses it, on a terminal of its own, and as a script does."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.servers import SWATH, environment
from tests.fakes import png

# A session's first terminal is the one whose Ctrl-C it gets.
ON_ITS_TERMINAL = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
sys.argv[1:1] = ["chat"]
from app.cli import main
main()
"""


@pytest.fixture
def harbor(tmp_path: Path) -> Path:
    path = tmp_path / "harbor.png"
    path.write_bytes(png(64, 48))
    return path


class Terminal:
    """A terminal with the command on it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master, self.process = master, process
        self.shown = self._unread = ""

    def types(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def shows(self, words: str, timeout_s: float = 40) -> None:
        """Waits until words are shown after those that were waited for before."""
        deadline = time.monotonic() + timeout_s
        while words not in self._unread:
            assert time.monotonic() < deadline, f"no {words!r} in {self._unread!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # its other end is closed
                    new = os.read(self._master, 65536).decode(errors="replace")
                    self.shown, self._unread = self.shown + new, self._unread + new
        self._unread = self._unread.partition(words)[2]


@contextlib.contextmanager
def terminal(*arguments: str, data_dir: Path, **variables: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ON_ITS_TERMINAL, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env=environment(data_dir, {"TERM": "xterm", **variables}),
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait(10)
        os.close(master)


def test_a_person_asks_leaves_and_goes_on(harbor: Path, tmp_path: Path) -> None:
    with terminal(str(harbor), data_dir=tmp_path) as first:
        first.shows("image harbor.png: 64 x 48 px")
        first.shows("> ")
        first.types("What is the size of the image?\r")
        first.shows("engine measure")
        first.shows("> ")
        first.types("half a line")
        first.shows("half a line")
        time.sleep(0.3)  # Python hears a Ctrl-C in readline only once it waits for the next key
        first.types("\x03")
        first.shows("> ")
        first.types("\x04")
        first.shows("swath chat --thread ")
        assert first.process.wait(20) == 0
    thread = re.search(r"--thread (\w+)", first.shown)
    assert thread
    history = tmp_path / "chat_history"
    assert history.read_text() == "What is the size of the image?\n"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    with terminal("--thread", thread[1], data_dir=tmp_path, NO_COLOR="1") as again:
        again.shows("> What is the size of the image?")
        again.shows("image harbor.png")
        again.types("/quit\r")
        assert again.process.wait(20) == 0
    assert "\x1b[2m" in first.shown  # asides are faint
    assert "\x1b[2m" not in again.shown


@contextlib.contextmanager
def upstream() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """A server that never answers: its address, that it was asked, and that its caller left."""
    asked, left = threading.Event(), threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            said = connection.recv(65536)
            if said.startswith(b"GET"):
                body = b'{"status": "ok", "engine": "vlm"}'
                head = (
                    f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                connection.sendall(head.encode() + body)
                return
            asked.set()
            with contextlib.suppress(OSError):
                while connection.recv(65536):
                    pass
            left.set()

    def accept() -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked, left


def test_ctrl_c_ends_the_turn_and_its_call_and_keeps_the_chat(harbor: Path, tmp_path: Path) -> None:
    with (
        upstream() as (url, asked, left),
        terminal(str(harbor), data_dir=tmp_path, VQA_BASE_URL=url, CAPTION_BASE_URL=url) as chat,
    ):
        chat.shows("> ")
        chat.types("How many ships are there?\r")
        assert asked.wait(30)
        chat.types("\x03")
        chat.shows("swath: cancelled")
        assert left.wait(10)
        chat.shows("> ")
        chat.types("/route How many planes?\r")
        chat.shows("vqa/counting")
        chat.types("/quit\r")
        assert chat.process.wait(20) == 0


def script(lines: str, *arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SWATH, "chat", *arguments], input=lines, env=environment(data_dir, {}),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_what_is_piped_in_is_a_script(harbor: Path, tmp_path: Path) -> None:
    lines = f"{harbor}\nWhat is the size of the image?\n\n/image missing.png\nHow big is it?\n"
    done = script(lines, "--json", data_dir=tmp_path)
    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1  # the missing image
    assert "missing.png: there is no such file" in done.stderr
    assert (first["thread_id"], first["image"]) == (second["thread_id"], second["image"])
    assert "64" in first["content"]
    assert not (tmp_path / "chat_history").exists()


def test_a_script_without_trouble_exits_0_and_stops_at_quit(harbor: Path, tmp_path: Path) -> None:
    done = script(
        "What is the size of the image?\n/quit\n/nonsense\n", str(harbor), data_dir=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "64" in done.stdout
