from __future__ import annotations

import subprocess
import sys


def test_a_server_leaves_what_it_started_with_alone() -> None:
    code = (
        "import gc; from modal_services.collector import calm_the_collector as calm;"
        "calm(); print(gc.get_freeze_count() > 1000, gc.get_threshold()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "50000"]
