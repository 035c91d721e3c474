from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.chat_lines import COMMANDS, Command, Message, line_of
from app.cli.chat_prompt import completions


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("coast.tif", "two words.tif", "it's.tif", "water"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "scenes").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("coast.tif", "coast.tif"),
        ("  coast.tif \n", "coast.tif"),
        ("'two words.tif'", "two words.tif"),
        ('"two words.tif"', "two words.tif"),
        (r"two\ words.tif", "two words.tif"),
        ("two words.tif", "two words.tif"),
        ("it's.tif", "it's.tif"),
        ("./water", "./water"),
        ("https://example.com/a b.tif", None),
        ("https://example.com/a.tif", "https://example.com/a.tif"),
        ("sha256:" + "0" * 64, "sha256:" + "0" * 64),
        ("missing.tif", "missing.tif"),
        ("'/no/such place.png'", "/no/such place.png"),
    ],
)
def test_a_picture_alone_on_a_line_is_taken(folder: Path, typed: str, name: str | None) -> None:
    expected = Command("image", name) if name else Message(typed)
    assert line_of(typed) == expected


def test_a_path_is_no_command_though_it_begins_with_a_slash(folder: Path) -> None:
    whole = str(folder / "two words.tif")
    assert line_of(whole) == Command("image", whole)
    assert line_of(f"file://{whole.replace(' ', '%20')}") == Command("image", whole)


@pytest.mark.parametrize(
    "words",
    [
        "How much of it is water?",
        "water",  # a file of that name lies there
        "Is coast.tif older than two words.tif?",
        "What is 3.5 / 2?",
        "x." * 5000,
        "a\0b.tif c",
        "it's 10 m per px. Is there water?",
    ],
)
def test_other_words_are_a_message(folder: Path, words: str) -> None:
    assert line_of(words) == Message(words)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("/help", Command("help")),
        ("/caption  two sentences ", Command("caption", "two sentences")),
        ("/EXIT", Command("quit")),
        ("/imaeg coast.tif", Command("imaeg", "coast.tif")),
        ("/", Command("")),
    ],
)
def test_a_slash_begins_a_command(typed: str, command: Command) -> None:
    assert line_of(typed) == command


def test_tab_completes_commands_and_paths(folder: Path) -> None:
    assert completions("/th") == ["/thread", "/threads"]
    assert completions("/image co") == ["/image coast.tif"]
    assert completions("two") == ["two words.tif"]
    assert completions("sc") == ["scenes/"]
    assert completions(f"{folder}/co") == [f"{folder}/coast.tif"]
    assert completions("no/such/folder") == []


def test_the_list_of_commands_fits_a_terminal_of_80_columns() -> None:
    widest = max(len(f"/{name} {takes}") for name, (takes, _) in COMMANDS.items())
    assert all(2 + widest + 2 + len(what) <= 80 for _, what in COMMANDS.values())
