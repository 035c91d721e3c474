from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.cli.trace import trace_lines
from app.tracing import Trace
from tests.app.drawing.turns import ANSWERED, ONE_FAILED
from tests.fakes import data_uri

FAILED_LINES = """\
turn 2  "Describe the scene and count the ships <script>alert(1)</script>"  8.01 s  2 tasks  \
answered, 1 of 2 failed
    ingest           3 ms
    classify         < 1 ms  captioning + vqa/counting  rule: one for each part
  ├ call_captioning  1.61 s  captioning  attempts 1
  └ call_vqa         FAILED  7.99 s  vqa/counting  attempts 4  job fc-01ABC
                     The vqa service is busy (503): <b>later</b> & again.
    compose          < 1 ms
"""


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of a developer
    monkeypatch.setenv("SWATH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SWATH_DURABILITY", "debug")
    monkeypatch.delenv("SWATH_DATABASE_URL", raising=False)


def swath(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def ask(thread: str) -> None:
    assert (
        swath("ask", data_uri(), "What is the size of the image?", "--thread", thread).exit_code
        == 0
    )


def test_a_trace_is_a_tree_with_what_each_part_cost() -> None:
    assert "\n".join(trace_lines(Trace(ONE_FAILED))) + "\n" == FAILED_LINES
    lines = trace_lines(Trace(ANSWERED))
    call = next(line for line in lines if "call_vqa" in line)
    assert "Asking again: the vqa service is busy (503)." in lines[lines.index(call) + 1]
    assert "├" not in call
    assert "waited 400 ms" in call


def test_a_turn_is_traced_drawn_and_replayed(tmp_path: Path) -> None:
    ask("harbour")
    lines = swath("trace", "harb").stdout.splitlines()
    assert lines[0].startswith('turn 1  "What is the size of the image?"')
    assert any(line.strip().startswith("call_vqa") for line in lines)
    assert "changed" in lines
    traced = json.loads(swath("trace", "harbour", "1", "--json").stdout)
    listed = swath("trace", "harbour", "--checkpoints").stdout
    assert [each["checkpoint_id"] in listed for each in traced["checkpoints"]] == [True] * 6
    assert swath("trace", "harbour", "--svg", str(tmp_path / "run.svg")).exit_code == 0
    assert (tmp_path / "run.svg").read_text().startswith("<svg")
    forked = swath("replay", "harbour", "classify", "--as", "fork")
    assert forked.exit_code == 0
    assert "64" in forked.stdout
    assert "forked into thread fork" in forked.stderr
    again = swath("replay", "harbour", "classify", "--message", "Describe it.", "--json")
    assert json.loads(again.stdout)["task"] == "captioning"


@pytest.mark.parametrize("kind", ["svg", "png", "mmd"])
def test_the_name_of_the_file_says_what_is_drawn(kind: str, tmp_path: Path) -> None:
    ask("t")
    path = tmp_path / f"graph.{kind}"
    assert swath("graph", "--run", "t/1", "-o", str(path)).exit_code == 0
    starts = {"svg": b"<svg", "png": b"\x89PNG", "mmd": b"---\nconfig"}
    assert path.read_bytes().startswith(starts[kind])


def test_a_drawing_goes_to_stdout_where_no_file_is_named() -> None:
    assert swath("graph").stdout.startswith("start\n")
    assert swath("graph", "--format", "svg").stdout.startswith("<svg")
    assert swath("graph", "--format", "png").stdout_bytes.startswith(b"\x89PNG")


def test_how_to_keep_steps_is_said_where_none_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWATH_DURABILITY", "exit")
    ask("t")
    for command in (["trace", "t"], ["trace", "t", "--checkpoints"], ["replay", "t", "classify"]):
        assert "SWATH_DURABILITY=debug" in swath(*command).stderr


def test_what_is_not_there_is_named_in_one_line() -> None:
    ask("t")
    for command, named in (
        (["trace", "nobody"], "There is no thread 'nobody'."),
        (["trace", "t", "7"], "The thread has no turn '7'."),
        (["graph", "--run", "t/7"], "The thread has no turn '7'."),
        (["replay", "t", "1f-none"], "The thread has no checkpoint '1f-none'."),
        (["trace", "t", "--svg", "/nowhere/run.svg"], "/nowhere/run.svg"),
    ):
        result = swath(*command)
        assert result.exit_code == 1
        assert named in result.stderr
