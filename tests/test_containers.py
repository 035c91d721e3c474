"""What can be said of the container's files without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from app.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_everything_that_is_copied_is_there_and_not_ignored() -> None:
    taken = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    for source in copied():
        assert (ROOT / source).exists(), source
        assert source in taken, source


def test_the_image_runs_as_nobody_in_particular_and_is_looked_after() -> None:
    final = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER swath$", final, re.MULTILINE)
    assert final.index("USER swath") < final.index("ENTRYPOINT")
    assert "HEALTHCHECK" in final
    assert "/livez" in final


def test_every_setting_that_the_container_files_name_is_one() -> None:
    known = {f"SWATH_{name.upper()}" for name in Settings.model_fields}
    named = re.findall(r"\b(SWATH_[A-Z_]+)\b", DOCKERFILE + (ROOT / "compose.yaml").read_text())
    assert set(named) <= known


def test_the_compose_file_keeps_what_must_last_and_waits_for_the_database() -> None:
    services, volumes = compose()["services"], compose()["volumes"]
    for service in services.values():
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in volumes
    swath = services["swath"]
    assert swath["read_only"] is True
    assert swath["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "@postgres/" in swath["environment"]["SWATH_DATABASE_URL"]
    assert (ROOT / swath["build"] / "Dockerfile").exists()
