"""The commands of docs/batch.md and docs/evaluation.md, as printed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.test_readme import ROOT, block, run


def blocks(guide: str) -> list[str]:
    text = (ROOT / "docs" / guide).read_text()
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL)


def script_of(guide: str, place: Path) -> str:
    return "\n".join([f"export PYTHONPATH='{ROOT}'", f"cd '{place}'", *blocks(guide)])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def test_the_batch_guides_commands_work_as_printed(place: Path) -> None:
    printed = run(script_of("batch.md", place), place / "data")
    answers = [json.loads(line) for line in (place / "answers.jsonl").read_text().splitlines()]
    assert {each["id"] for each in answers} == {"water", "more", "cranes", "all"}
    assert "3 requests: answered 3, failed 0, missing 0" in printed


def test_the_evaluation_guides_commands_work_as_printed(place: Path) -> None:
    printed = run(script_of("evaluation.md", place), place / "data")
    assert "| presence | 1 | 1 | 0 | 0 | 1 | 100.0% |" in printed
    assert "no significant difference" in printed
    assert "3 of 3 as expected" in printed
    assert (place / "report" / "report.html").exists()
    assert (place / "junit.xml").exists()


def test_the_readmes_commands_for_many_questions_work_as_printed(place: Path) -> None:
    script = block("Ask many questions, and measure the answers")
    printed = run(f"export PYTHONPATH='{ROOT}'\ncd '{place}'\n{script}", place / "data")
    assert "3 of 3 as expected" in printed
    assert (place / "examples" / "labels-report" / "report.html").exists()
