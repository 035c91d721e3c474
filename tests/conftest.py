from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("swath", database=None, deadline=None)
settings.load_profile("swath")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The project's shared data: in reach of some checkouts, never part of the repository."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    pytest.skip("shared/data is not beside this checkout")
