"""The services' own guide: every block of it is run, in order, against both services."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from modal_services.wire import ChatCompletion, Health, JobTicket
from tests.end_to_end.servers import served

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "modal_services" / "API_USE.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [block for kind, block in BLOCKS if kind == language]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses, as the environment gives them to a reader."""
    folder = tmp_path_factory.mktemp("services")
    with (
        served("service", "vqa", data_dir=folder, health="/health") as (vqa, _),
        served("service", "captioning", data_dir=folder, health="/health") as (captioning, _),
    ):
        yield {"VQA_BASE_URL": vqa, "CAPTION_BASE_URL": captioning}


def test_every_block_is_of_a_kind_that_is_checked_here() -> None:
    assert {kind for kind, _ in BLOCKS} == {"bash", "python", "json", "text"}
    assert [block for block in blocks("text") if "BASE_URL" not in block] == []


@pytest.mark.parametrize("block", blocks("bash"), ids=range(len(blocks("bash"))))
def test_shell_lines_are_answered(block: str, services: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    path = os.environ["PATH"]  # noqa: TID251 - a child's, not ours
    done = subprocess.run(
        ["bash", "-euc", block],
        env={**services, "PATH": path, "TMPDIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = re.sub(r"\}\{", "}\n{", done.stdout).splitlines()
    for each in said:
        assert "error" not in json.loads(each), each


def test_python_blocks_run_one_after_the_other(
    services: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in services.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks("python")):
        exec(compile(block, f"python block {number}", "exec"), names)  # noqa: S102 - the guide's
    assert "water" in capsys.readouterr().out.lower()
    assert not [answer for answer in names["answers"] if answer.startswith("failed")]


def test_json_blocks_are_requests_that_are_answered_or_have_the_shape_of_answers(
    services: dict[str, str],
) -> None:
    chat = services["VQA_BASE_URL"] + "/v1/chat/completions"
    request, answer, ticket, health, error = map(json.loads, blocks("json"))
    assert requests.post(chat, json=request, timeout=30).status_code == 200
    ChatCompletion.model_validate(answer)
    JobTicket.model_validate(ticket)
    Health.model_validate(health)
    refused = requests.post(chat, json={**request, "model": "gpt-9"}, timeout=30).json()
    assert refused["error"].keys() == error["error"].keys()
    assert (refused["error"]["code"], refused["error"]["param"]) == ("model_not_found", "model")
