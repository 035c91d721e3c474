"""The front of a service over an upstream, as `swath service --upstream` runs it.

`python -m benchmarks.front PORT UPSTREAM_URL [FILE_FOR_CPROFILE]`
"""

from __future__ import annotations

import cProfile
import signal
import sys
import tempfile
from pathlib import Path

import uvicorn

from modal_services.api import create_service
from modal_services.collector import calm_the_collector
from modal_services.engines.upstream import UpstreamEngine
from modal_services.stores.sqlite import SqliteJobs


def serve(port: int, upstream: str) -> None:
    """Serves until it is told to stop."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = SqliteJobs(Path(folder) / "jobs.sqlite3")
        app = create_service("bench", UpstreamEngine(upstream, "bench"), jobs)
        calm_the_collector()
        uvicorn.run(app, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    port, url, *profile = sys.argv[1:]
    if profile:
        # uvicorn raises the signal that ended it once more, which must not end the profile.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        cProfile.run(f"serve({int(port)}, {url!r})", profile[0])
    else:
        serve(int(port), url)
