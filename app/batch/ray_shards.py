"""Shards by Ray Data: every worker takes one at a time, and Ray replaces workers that die.

A shard is run as `swath batch SHARD --resume` runs it. What a dead worker had answered is in the
shard's results, so the worker that gets the shard next asks only for the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.batch.job import BatchJob
from app.batch.running import RunLimits
from app.batch.shards import results_of, shard_files
from app.errors import SwathError
from app.settings import Settings

AGAIN = "Run the command again to go on: what is answered is on the disk."
OBJECTS_BYTES = 128 * 1024 * 1024  # Ray's store between processes: here, names and counts
# Ray reads these when it is imported. The first is what makes it listen on 127.0.0.1 on Linux too.
QUIETLY = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_DATA_LOG_LEVEL": "ERROR",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


class RayTrouble(SwathError):
    """Ray did not do its part."""

    code = "ray_trouble"


@dataclass(frozen=True, slots=True)
class ShardEnd:
    """What a shard came to.

    Attributes:
        answered: requests with an answer, an honest no among them; those of earlier runs too.
        failed: requests without one.
        codes: why these have none.
        trouble: why it was not run to its end; empty where it was.
    """

    shard: str
    answered: int = 0
    failed: int = 0
    codes: str = ""
    trouble: str = ""


class ShardWorker:
    """Runs shards in a process of Ray's.

    Args:
        settings: where the services are; embedded ones measure in this process.
        images: what relative paths of images start from.
        concurrency: questions at once.
    """

    def __init__(self, settings: Settings, images: Path, concurrency: int) -> None:
        # Ray decides how many workers a machine has; each is content with little.
        self._settings = settings.model_copy(update={"decode_workers": 1})
        self._images = images
        self._limits = RunLimits(concurrency)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Runs the shards of a batch of paths; columns of their ends."""
        ends = [asdict(self.run(Path(str(path)))) for path in batch["shard"]]
        return {name: [end[name] for end in ends] for name in ends[0]}

    def run(self, shard: Path) -> ShardEnd:
        """Runs a shard to its end, as far as it has no results yet."""
        try:
            job = BatchJob(
                shard, results_of(shard), "openai", self._images, self._limits, in_threads=True
            )
            done = job.begin(resume=True, overwrite=False)
            ending = asyncio.run(job.run(self._settings, done))
        except (SwathError, OSError) as error:
            return ShardEnd(shard.name, trouble=str(error))
        counts = job.tally.counts
        answered = counts["answered"] + counts["refused"]
        codes = ", ".join(job.tally.codes)
        trouble = "" if ending == "done" else f"gave up ({codes})"
        return ShardEnd(shard.name, answered, counts["failed"], codes, trouble)


def run_shards(
    folder: Path,
    settings: Settings,
    *,
    workers: int,
    concurrency: int = 8,
    images: Path | None = None,
    address: str | None = None,
) -> Iterator[ShardEnd]:
    """Runs the shards of a folder; they come as they end.

    Args:
        folder: all machines see it under the same path, and have Swath installed.
        settings: those of every worker.
        workers: processes, each with a processor of its own.
        concurrency: questions of each at once.
        images: what relative paths of images start from; None: the folder.
        address: of a Ray cluster; None: a Ray for this run alone, on loopback.

    Raises:
        BadRequest: there are no shards.
        RayTrouble: a cluster does not answer, or gives up.
        ModuleNotFoundError: Ray is not installed.
    """
    paths = [{"shard": str(path.resolve())} for path in shard_files(folder)]
    with _ray(address, workers) as ray:
        shards = ray.data.from_items(paths, override_num_blocks=len(paths))
        ends = shards.map_batches(
            ShardWorker,
            fn_constructor_args=(settings, (images or folder).resolve(), concurrency),
            compute=ray.data.ActorPoolStrategy(
                size=min(workers, len(paths)), max_tasks_in_flight_per_actor=1
            ),
            batch_size=1,
            num_cpus=1,
        )
        for row in ends.iter_rows():
            yield ShardEnd(**row)


@contextlib.contextmanager
def _ray(address: str | None, workers: int) -> Iterator[Any]:
    if address is None:
        os.environ.update(QUIETLY)  # noqa: TID251 - Ray has no other way to be told
    import ray  # noqa: PLC0415 - of the extra `ray`
    import ray._private.services as processes  # noqa: PLC0415
    import ray.data  # noqa: PLC0415

    if address is None:
        # Without its dashboard, all that Ray's API server does is to ask clouds' addresses where
        # it is, for a report that is not sent. Ray goes on where the server does not start.
        processes.start_api_server = lambda *_, **__: (None, None)
    alone = {
        "address": "local",
        "include_dashboard": False,
        "num_cpus": workers,
        "object_store_memory": OBJECTS_BYTES,
    }
    where = alone if address is None else {"address": address}
    try:
        ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield ray
    except ConnectionError:
        raise RayTrouble(f"there is no Ray at {address}", hint="See `ray start --head`.") from None
    except ray.exceptions.RayError as error:
        said = str(error).strip().splitlines()
        raise RayTrouble(f"Ray: {said[0] if said else error!r}", hint=AGAIN) from error
    finally:
        ray.shutdown()
