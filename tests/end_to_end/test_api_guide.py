"""docs/api.md: every command and every line of Python, as printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api import create_app
from app.settings import Settings
from tests.end_to_end.servers import served

ROOT = Path(__file__).parents[2]
HERE = "http://127.0.0.1:8000"
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with served("serve", data_dir=tmp_path / "data", health="/livez") as (url, _):
        yield url


def script(language: str, url: str) -> str:
    return "".join(re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)).replace(HERE, url)


def run(command: list[str], folder: Path) -> str:
    shutil.copytree(ROOT / "examples", folder / "examples")
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{Path(sys.executable).parent}:{os.defpath}:/usr/local/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_guides_curl_lines_work_as_printed(server: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    lines = script("bash", server).replace("curl -s", "curl --fail-with-body -s")
    printed = run(["bash", "-euc", lines], tmp_path)
    assert printed.count("event: done") == 2
    assert "# Thread coast" in printed
    assert '"id":"swath-agent"' in printed
    assert '"state":"ready"' in printed
    assert (tmp_path / "small.png").read_bytes().startswith(b"\x89PNG")


def test_the_guides_python_works_as_printed(server: str, tmp_path: Path) -> None:
    lines = script("python", server)
    printed = run([sys.executable, "-W", "error", "-c", lines], tmp_path)
    assert "38 % of the image is water" in printed
    assert "['captioning', 'vqa']" in printed


def test_every_route_has_an_example(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, _env_file=None), isolated=False)
    for path in app.openapi()["paths"]:
        pattern = re.sub(r"\\\{\w+\\\}", r"[^/\\s]+", re.escape(path))
        assert re.search(pattern, TEXT), path


def test_every_page_that_the_guide_names_is_there() -> None:
    for name in re.findall(r"\]\(([\w/.]+)\)", TEXT):
        assert (ROOT / "docs" / name).exists(), name
