"""Schemathesis over the whole API of a server of its own: `make test-api`.

python -m tests.api_cases --cases 5000 --seed 7
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from app.api.keys import new_key, setting_of
from tests.end_to_end.servers import served

CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
        "unsupported_method",
        "ignored_auth",
    )
)


def main() -> int:
    """Runs the cases; 0 when all were answered as the description says."""
    parser = argparse.ArgumentParser(prog="python -m tests.api_cases")
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    key = new_key()
    limits = {"SWATH_KEY_RATE": "0", "SWATH_API_KEYS": setting_of("cases", key)}
    sent = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        served("serve", data_dir=Path(folder), health="/readyz", **limits) as (url, _),
    ):
        seed = options.seed
        while sent < options.cases:
            failed, cases = _run(url, key, seed, Path(folder))
            sent, seed = sent + cases, seed + 1
            if failed:
                return failed
    sys.stdout.write(f"{sent} cases in all, 0 failures\n")
    return 0


def _run(url: str, key: str, seed: int, folder: Path) -> tuple[int, int]:
    """One round; returns the command's exit code and how many cases it sent."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json",
        "--header", f"Authorization: Bearer {key}", "--checks", CHECKS, "--mode", "all",
        "--seed", str(seed), "--max-examples", "250", "--workers", "1", "--no-color",
        "--generation-database", "none", "--exclude-path", "/metrics", "--no-shrink",
        "--phases", "examples,coverage,fuzzing", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    counted = re.search(r"(\d+) generated", done.stdout)
    cases = int(counted[1]) if counted else 0
    return done.returncode or (0 if cases else 1), cases


if __name__ == "__main__":
    sys.exit(main())
