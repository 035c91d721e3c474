from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.main import app

runner = CliRunner()


def doctor(monkeypatch: pytest.MonkeyPatch, folder: Path, **variables: str) -> tuple[int, Any]:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SWATH_DATA_DIR", str(folder / "data"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = runner.invoke(app, ["doctor", "--json"])
    found = {check["name"]: check for check in json.loads(done.stdout)}
    return done.exit_code, found


def test_a_fresh_installation_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, found = doctor(monkeypatch, tmp_path)
    assert code == 0
    assert {name for name, check in found.items() if check["state"] == "broken"} == set()
    assert {"versions", "access", "data", "disk", "tracing", "vqa", "database"} <= set(found)


@pytest.mark.parametrize(
    ("variables", "name", "fix"),
    [
        ({"VQA_BASE_URL": "http://127.0.0.1:1"}, "vqa", "VQA_BASE_URL"),
        ({"SWATH_HOST": "0.0.0.0"}, "access", "swath keys new"),
        ({"SWATH_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "database", "SWATH_DATABASE_URL"),
        ({"SWATH_PORT": "none"}, "settings", ".env.example"),
        ({"SWATH_IMAGE_STORE": "nowhere://x"}, "images", "SWATH_IMAGE_STORE"),
    ],
)
def test_what_is_broken_is_named_with_a_fix(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    name: str,
    fix: str,
) -> None:
    code, found = doctor(monkeypatch, tmp_path, **variables)
    assert code == 1
    assert found[name]["state"] == "broken"
    assert fix in found[name]["fix"]


def test_the_services_are_asked_where_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = {
        "SWATH_DATABASE_URL": "postgresql://127.0.0.1:1/x",
        "VQA_BASE_URL": "http://127.0.0.1:1",
    }
    _, found = doctor(monkeypatch, tmp_path, **away)
    states = [found[name]["state"] for name in ("vqa", "captioning", "database")]
    assert states == ["broken", "ok", "broken"]


def test_an_open_data_folder_is_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("rights are POSIX's")
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data").chmod(0o755)
    code, found = doctor(monkeypatch, tmp_path)
    assert (code, found["data"]["state"]) == (0, "warning")
    assert found["data"]["fix"].startswith("chmod 700 ")


def test_a_person_gets_a_line_a_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWATH_DATA_DIR", str(tmp_path))
    done = runner.invoke(app, ["doctor"])
    assert done.exit_code == 0
    assert "ok    versions" in done.stdout


def test_a_new_key_is_printed_once_with_the_line_that_lets_it_in() -> None:
    done = runner.invoke(app, ["keys", "new", "acme"])
    assert done.exit_code == 0
    assert done.stdout.startswith("sk-swath-")
    assert done.stdout.count("\n") == 1
    assert "SWATH_API_KEYS=acme=" in done.stderr


@pytest.mark.parametrize("name", ["Acme", "a/b", "", "a:b", "x" * 33])
def test_a_name_that_cannot_be_one_gets_no_key(name: str) -> None:
    done = runner.invoke(app, ["keys", "new", name])
    assert done.exit_code == 2
    assert done.stdout == ""
