"""The README's commands, as printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.servers import served

ROOT = Path(__file__).parents[2]
PORT = "http://127.0.0.1:8000"


def block(heading: str) -> str:
    """The shell blocks under a heading, one after the other."""
    text = (ROOT / "README.md").read_text().partition(f"\n## {heading}\n")[2]
    found = re.findall(r"```bash\n(.*?)```", text.partition("\n## ")[0], re.DOTALL)
    assert found
    return "".join(found)


def run(script: str, data_dir: Path) -> str:
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}:/usr/local/bin",
            "SWATH_DATA_DIR": str(data_dir),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with served("serve", data_dir=tmp_path, health="/readyz") as (url, _):
        yield url


def test_the_command_lines_work_as_printed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    lines = block("Ask from the command line").replace("source .venv/bin/activate\n", "")
    printed = run(f"export PYTHONPATH='{ROOT}'\ncd '{tmp_path}'\n{lines}", tmp_path / "data")
    assert "38 % of the image is water" in printed
    assert (tmp_path / "seen.png").stat().st_size > 10_000
    assert "cannot count cranes" in printed
    assert "call_vqa" in printed
    assert "EPSG:32631" in printed
    assert (tmp_path / "preview.png").stat().st_size > 10_000


def test_the_curl_lines_work_as_printed(server: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    printed = run(block("Use the API").replace(PORT, server), tmp_path)
    decoder, turns, rest = json.JSONDecoder(), [], printed
    while rest.lstrip().startswith("{"):
        body, end = decoder.raw_decode(rest.lstrip())
        turns.append(body)
        rest = rest.lstrip()[end:]
    stored, first, second, one = turns
    assert first["image"]["sha256"] == second["image"]["sha256"] == stored["image"]["sha256"]
    assert (first["thread_id"], second["task"]) == ("coast", "captioning")
    assert one["answer"].startswith("Yes")
    assert "graph TD" in rest
    assert '"state":"ready"' in rest


def test_every_setting_and_file_that_the_readme_names_is_there() -> None:
    text = (ROOT / "README.md").read_text()
    for name in re.findall(r"`((?:app|imagery|modal_services|tests|examples)/[\w/.]*)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\]\(([\w/.]+)\)", text):
        assert (ROOT / name).exists(), name


def test_the_example_is_made_by_its_script(tmp_path: Path) -> None:
    script = tmp_path / "make_sample.py"
    shutil.copy(ROOT / "examples" / "make_sample.py", script)
    subprocess.run([sys.executable, str(script)], check=True)
    assert (tmp_path / "coast.tif").stat().st_size > 100_000
