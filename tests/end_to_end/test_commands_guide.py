"""docs/cli.md, and that every command which any guide names is there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from app.cli.main import app
from tests.end_to_end.test_readme import ROOT, run

GUIDES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
# Where each guide's ```bash blocks are run. ```text blocks need what a test has not (a model's
# server, Modal, Docker, an address for others), but their commands are parsed below.
RUN_BY = {
    "README.md": "test_readme",
    "api.md": "test_api_guide",
    "batch.md": "test_scripted_guides",
    "cli.md": "test_commands_guide",
    "debugging.md": "test_debugging_guide",
    "evaluation.md": "test_scripted_guides",
    "threads.md": "test_commands_guide",
}
CLI = typer.main.get_command(app)
COMMAND = r"^(?:\$ |[A-Z_]+=\S+ +| +)*swath(?= )(.*)$"


def bash_of(guide: str) -> str:
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    return "".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))


def test_the_guides_commands_work_as_printed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    printed = run(f"export PYTHONPATH='{ROOT}'\ncd '{tmp_path}'\n{bash_of('cli.md')}", tmp_path)
    assert "need a vision-language model" in printed  # the wishes
    turns = [json.loads(line) for line in (tmp_path / "turns.jsonl").read_text().splitlines()]
    assert [turn["task"] for turn in turns] == ["vqa", "vqa", "captioning"]
    assert len({turn["thread_id"] for turn in turns}) == 1
    for shell in ("bash", "zsh", "fish"):
        assert "_SWATH_COMPLETE" in (tmp_path / f"swath.{shell}").read_text()


def test_the_threads_guides_commands_work_as_printed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    ask = "swath ask examples/coast.tif 'Is there water?' --thread harbor"
    script = f"export PYTHONPATH='{ROOT}'\ncd '{tmp_path}'\n{ask}\n{bash_of('threads.md')}"
    printed = run(script, tmp_path)
    assert "user       Is there water?" in printed
    assert "0 threads removed" in printed


def test_the_routing_guide_shows_what_is_printed(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "routing.md").read_text(encoding="utf-8")
    shown = re.search(r"```\n\$ (swath route .*?)\n(.*?)```", text, re.DOTALL)
    assert shown
    assert run(shown[1], tmp_path) == shown[2]


def test_every_guide_with_commands_to_run_has_its_test() -> None:
    have = {guide.name for guide in GUIDES if "```bash" in guide.read_text(encoding="utf-8")}
    assert have == set(RUN_BY)


def named_commands() -> Iterator[tuple[str, list[str]]]:
    """The command lines of every fenced block of every guide, without the shell around them."""
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8").replace("\\\n", " ")
        for block in re.findall(r"```(?:bash|text)?\n(.*?)```", text, re.DOTALL):
            for found in re.findall(
                r"^(?:\$ |[A-Z_]+=\S+ +| +)*swath(?= )(.*)$", block, re.MULTILINE
            ):
                line = re.split(r"\s+[|<>;]|\s{2,}\(", found)[0]
                if words := shlex.split(line, comments=True):
                    yield guide.name, words


def parsed(words: list[str]) -> None:
    """Parses a command line as the command itself does, to its last option."""
    command: Any = CLI
    if words[0].startswith("-"):  # those of `swath` itself act as soon as they are parsed
        assert words[0] in {option for each in CLI.params for option in each.opts}
        return
    while hasattr(command, "commands"):
        context = command.make_context("swath", list(words))
        rest = [*context._protected_args, *context.args]
        name, found, words = command.resolve_command(context, rest)
        assert found, name
        command = found
    command.make_context("swath", list(words))


def test_every_command_that_a_guide_names_is_there_with_its_options() -> None:
    found = list(named_commands())
    assert len(found) > 40
    for guide, words in found:
        try:
            parsed(words)
        except Exception as error:
            raise AssertionError(f"{guide}: swath {shlex.join(words)}: {error}") from error


def test_the_guide_lists_every_command_and_option() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for path, command in leaves(CLI, ()):
        assert path[-1] in text, path
        for option in (each for param in command.params for each in param.opts):
            assert not option.startswith("--") or option == "--help" or option in text, (
                path,
                option,
            )


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that is no group, with the words that lead to it."""
    for name, found in getattr(command, "commands", {}).items():
        if hasattr(found, "commands"):
            yield from leaves(found, (*path, name))
        else:
            yield (*path, name), found


def test_no_help_imports_anything_heavy() -> None:
    paths = [list(path) for path, _ in leaves(CLI, ())]
    script = f"""
import contextlib, sys
from app.cli.main import app
for path in {[[], *paths]!r}:
    with contextlib.suppress(SystemExit):
        app([*path, "--help"], prog_name="swath")
heavy = {{"numpy", "langgraph", "langchain_core", "fastapi", "httpx", "PIL", "mcp", "rasterio",
         "cv2", "modal", "yaml", "readline", "asyncio"}}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage:") == len(paths) + 1


COMPLETED = {
    "bash": {"COMP_WORDS": "swath ca", "COMP_CWORD": "1"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "swath ca"},
    "fish": {"_TYPER_COMPLETE_ARGS": "swath ca", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


@pytest.mark.parametrize("shell", list(COMPLETED))
def test_a_commands_name_is_completed(shell: str, tmp_path: Path) -> None:
    variables = {**COMPLETED[shell], "_SWATH_COMPLETE": f"complete_{shell}"}
    said = " ".join(f"{name}='{value}'" for name, value in variables.items())
    assert "caption" in run(f"{said} swath", tmp_path)


def test_bash_completes_with_the_script_that_is_shown(tmp_path: Path) -> None:
    script = """
swath --show-completion > shown.bash
source shown.bash
COMP_WORDS=(swath threads sh) COMP_CWORD=2
_swath_completion swath
echo "${COMPREPLY[@]}"
"""
    assert run(f"cd '{tmp_path}'\n{script}", tmp_path).split() == ["show"]
