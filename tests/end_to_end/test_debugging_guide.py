"""docs/debugging.md: every command of it, one after the other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_guides_commands_work_as_printed(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "debugging.md").read_text(encoding="utf-8")
    script = "".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}:/usr/local/bin",
            "SWATH_DATA_DIR": str(tmp_path / "data"),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "next classify" in done.stdout
    assert "forked from coast/" in done.stdout
    assert "user       Only count the ships." in done.stdout
    assert (tmp_path / "run.svg").read_text(encoding="utf-8").startswith("<svg")


def test_what_the_guide_shows_is_there() -> None:
    text = (ROOT / "docs" / "debugging.md").read_text(encoding="utf-8")
    for name in re.findall(r"\]\(([\w/.]+)\)", text):
        assert (ROOT / "docs" / name).exists(), name
