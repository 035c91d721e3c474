"""The same tests over both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.databases import KINDS, threads_place


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    for url in threads_place(request.param, tmp_path):
        yield Settings(data_dir=tmp_path, database_url=SecretStr(url), _env_file=None)
