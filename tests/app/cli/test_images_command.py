from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from imagery import Limits
from imagery.store import ImageStore, open_store
from tests.fakes import png

runner = CliRunner()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ImageStore:
    monkeypatch.setenv("SWATH_DATA_DIR", str(tmp_path))
    return open_store(tmp_path / "images", Limits())


def test_an_operator_lists_and_removes_the_images_of_every_owner(store: ImageStore) -> None:
    shared = store.put(png(), "own")
    store.within("acme").put(png(), "acme's")
    store.within("zenith").put(png(9, 9), "zenith's")
    listed = json.loads(runner.invoke(app, ["images", "ls", "--json"]).stdout)
    assert {each["image"]["source"] for each in listed} == {"own", "acme's", "zenith's"}
    assert runner.invoke(app, ["images", "rm", shared.sha256[:12]]).exit_code == 0
    left = json.loads(runner.invoke(app, ["images", "ls", "--json"]).stdout)
    assert {each["image"]["source"] for each in left} == {"zenith's"}
    assert runner.invoke(app, ["images", "rm", shared.url]).exit_code == 1
    freed = json.loads(runner.invoke(app, ["images", "gc", "--older-than", "0s", "--json"]).stdout)
    assert freed["images"] == 1
