"""What `swath batch` does."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path

import typer

from app.batch.formats.form import FormName
from app.batch.job import BatchJob
from app.batch.running import Ending, RunLimits
from app.cli.batch_progress import Progress
from app.cli.trouble import BAD_USE, FAILURE, read_settings, stop, told_plainly
from app.cli.words import say_json

LIMIT, INTERRUPTED = 3, 130


def ran(
    source: Path,
    out: Path | None,
    form: FormName | None,
    images: Path | None,
    limits: RunLimits,
    *,
    as_jobs: bool,
    resume: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Runs a batch to its end, a limit or Ctrl-C, and sums it up."""
    if resume and overwrite:
        stop("--resume and --overwrite exclude each other", code=BAD_USE)
    settings = read_settings()
    with told_plainly():
        job = BatchJob(source, out, form, images, limits, as_jobs)
        done = job.begin(resume=resume, overwrite=overwrite)
        try:
            with Progress(job) as progress:
                ending = asyncio.run(job.run(settings, done, progress.step))
        except KeyboardInterrupt:
            _say_how_to_resume(job)
            raise typer.Exit(INTERRUPTED) from None
    _sum_up(job, as_json=as_json)
    _leave(job, ending)


def _leave(job: BatchJob, ending: Ending) -> None:
    if ending == "gave_up":
        typer.echo(
            f"swath: gave up after {job.limits.give_up_after} failures in a row "
            f"({', '.join(job.tally.codes)})",
            err=True,
        )
    if ending != "done" or job.tally.retryable:
        _say_how_to_resume(job)
    if ending == "limit":
        raise typer.Exit(LIMIT)
    if ending == "gave_up" or job.tally.counts["failed"]:
        raise typer.Exit(FAILURE)


def _say_how_to_resume(job: BatchJob) -> None:
    words = ["swath", "batch", str(job.source), *([str(job.out)] if job.out else [])]
    words += ["--format", job.form] if job.form else []
    words += ["--images", str(job.images)] if job.images else []
    if job.limits.concurrency != RunLimits().concurrency:
        words += ["--concurrency", str(job.limits.concurrency)]
    words += ["--via", "async"] if job.as_jobs else []
    typer.echo(
        f"swath: {job.tally.done:,} done and on disk. Continue with:  "
        f"{shlex.join([*words, '--resume'])}",
        err=True,
    )


def _sum_up(job: BatchJob, *, as_json: bool) -> None:
    summary = job.summary()
    if as_json:
        say_json(summary)
        return
    latency = summary["latency_ms"]
    lines = [
        (
            f"{summary['done']:,} lines: answered {summary['answered']:,}, "
            f"refused {summary['refused']:,}, failed {summary['failed']:,} "
            f"(retryable {summary['retryable']:,})"
        ),
        (
            f"{summary['asked']:,} asked now in {summary['seconds']:,} s "
            f"({summary['per_second']}/s), {summary['images_read']:,} images read"
        ),
    ]
    if latency["p50"] is not None:
        lines.append(f"latency p50 {latency['p50']:,.0f} ms, p95 {latency['p95']:,.0f} ms")
    if any(summary["tokens"].values()):
        lines.append("tokens " + ", ".join(f"{k} {v:,}" for k, v in summary["tokens"].items()))
    lines += [f"failed: {count:,} x {code}" for code, count in summary["failures"].items()]
    typer.echo("\n".join(["", *lines, f"results in {summary['output']}"]).strip(), err=True)


def was_split(source: Path, folder: Path, shards: int, *, as_json: bool) -> None:
    """Writes shards."""
    from app.batch.shards import split  # noqa: PLC0415

    with told_plainly():
        counts = split(source, folder, shards)
    if as_json:
        say_json({"requests": sum(counts), "shards": list(counts)})
    typer.echo(f"swath: {sum(counts):,} requests in {shards} shards in {folder}", err=True)


def merged(out: Path, results: Sequence[Path], *, as_json: bool) -> None:
    """Merges results of shards."""
    from app.batch.shards import merge  # noqa: PLC0415

    with told_plainly():
        kept, dropped = merge(out, results)
    if as_json:
        say_json({"results": kept, "doubles": dropped})
    typer.echo(f"swath: {kept:,} results in {out}, {dropped:,} doubles left out", err=True)


def reported(requests: Path, results: Sequence[Path], *, as_json: bool) -> None:
    """Tells what became of requests."""
    from app.batch.shards import report  # noqa: PLC0415

    with told_plainly():
        found = report(requests, results)
    if as_json:
        say_json(found)
    else:
        typer.echo(
            f"{found['requests']:,} requests: answered {found['answered']:,}, failed "
            f"{found['failed']:,}, missing {found['missing']:,}, doubled {found['doubled']:,}, "
            f"unknown {found['unknown']:,}"
        )
        for code, count in found["failures"].items():
            typer.echo(f"  {count:,} x {code}")
        if found["tokens"]:
            typer.echo("  tokens " + ", ".join(f"{k} {v:,}" for k, v in found["tokens"].items()))
    if found["answered"] != found["requests"]:
        raise typer.Exit(FAILURE)


def ran_by_vllm(folder: Path, model: str, arguments: Sequence[str]) -> None:
    """Runs vLLM's own batch command on every shard."""
    from app.batch.vllm_shards import run_shards  # noqa: PLC0415

    with told_plainly():
        failed = run_shards(folder, model, arguments)
    if failed:
        stop(f"{len(failed)} shards failed: {', '.join(path.name for path in failed)}",
             "Run the command again: shards with results are left alone.")  # fmt: skip


def ran_by_ray(
    folder: Path, workers: int, concurrency: int, images: Path | None, address: str | None
) -> None:
    """Runs shards on Ray, and tells of each as it ends."""
    from app.batch.ray_shards import AGAIN, run_shards  # noqa: PLC0415

    settings, left = read_settings(), 0
    ends = run_shards(
        folder, settings, workers=workers, concurrency=concurrency, images=images, address=address
    )
    with told_plainly():
        try:
            for end in ends:
                left += bool(end.failed or end.trouble)
                why = f" ({end.codes})" if end.codes else ""
                said = f"answered {end.answered:,}, failed {end.failed:,}{why}"
                typer.echo(f"swath: {end.shard}: {end.trouble or said}", err=True)
        except ModuleNotFoundError:
            stop("Ray is not installed", "Install it:  pip install 'swath[ray]'", BAD_USE)
        except KeyboardInterrupt:
            typer.echo(f"swath: interrupted. {AGAIN}", err=True)
            raise typer.Exit(INTERRUPTED) from None
    if left:
        stop(f"{left} shards have requests without an answer", AGAIN)
