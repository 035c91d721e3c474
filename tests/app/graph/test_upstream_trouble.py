from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.upstream_trouble import measured

pytestmark = pytest.mark.anyio


async def test_turns_over_a_service_that_fails_three_in_ten_are_answered(tmp_path: Path) -> None:
    """A short run of the benchmark, which asks 2,000."""
    found = await measured(300, 0.3, 1, tmp_path)
    assert found.answered >= 0.999
    assert found.calls <= 1.5  # 1.45 of 2,000 questions; of 300 it strays
    assert found.early == 0
    assert found.refused_calls == 1
