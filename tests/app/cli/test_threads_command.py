from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from tests.fakes import data_uri


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of a developer
    monkeypatch.setenv("SWATH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("SWATH_DATABASE_URL", raising=False)


def swath(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def ask(thread: str) -> None:
    assert swath("ask", data_uri(), "What is the size?", "--thread", thread).exit_code == 0


def test_threads_are_listed_shown_and_removed() -> None:
    for thread in ("first", "second"):
        ask(thread)
    listed = json.loads(swath("threads", "ls", "--json").stdout)
    assert [each["thread_id"] for each in listed] == ["second", "first"]
    assert swath("threads", "ls").stdout.splitlines()[0].startswith("second  20")
    shown = json.loads(swath("threads", "show", "first", "--json").stdout)
    assert [(each["sequence"], each["role"]) for each in shown] == [(1, "user"), (2, "assistant")]
    assert "What is the size?" in swath("threads", "show", "first").stdout
    assert swath("threads", "rm", "first", "second").exit_code == 0
    assert json.loads(swath("threads", "ls", "--json").stdout) == []


def test_a_thread_that_is_not_there_is_named() -> None:
    for command in ("show", "rm"):
        result = swath("threads", command, "nobody")
        assert result.exit_code == 1
        assert "There is no thread 'nobody'." in result.stderr


def test_threads_are_pruned_and_resumed() -> None:
    ask("young")
    assert json.loads(swath("threads", "prune", "--json").stdout) == {"threads": []}
    assert swath("threads", "prune", "--older-than", "soon").exit_code == 2
    assert json.loads(swath("threads", "prune", "--older-than", "0s", "--json").stdout) == {
        "threads": ["young"]
    }
    assert json.loads(swath("threads", "resume", "--json").stdout) == {"turns": 0}
    assert swath("threads", "resume").stdout == "0 turns finished\n"
