"""What `swath eval` does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console

from app.cli.trouble import BAD_USE, FAILURE, read_settings, stop, told_plainly
from app.cli.words import harmless, say_json
from app.evaluation.comparing import compare
from app.evaluation.datasets import DatasetName, image_folder, read
from app.evaluation.evaluating import evaluate
from app.evaluation.items import Item
from app.evaluation.report import Evaluated, as_markdown, write
from app.settings import Settings


def evaluated(
    dataset: Path,
    out: Path | None,
    form: DatasetName | None,
    images: Path | None,
    asked_of: tuple[str | None, str | None, str | None],
    limit: int | None,
    concurrency: int,
    *,
    fresh: bool,
    as_json: bool,
) -> None:
    """Asks, judges, writes the report and prints the figures."""
    settings = _settings(*asked_of)
    with told_plainly():
        name, items = read(dataset, form)
        items = _some(items, limit)
        folder = image_folder(dataset, images).resolve()
        cache = None if fresh else settings.data_dir / "evaluation.sqlite3"
        with _telling(len(items)) as tell:
            cases = asyncio.run(
                evaluate(
                    items, settings, folder, concurrency=concurrency, cache=cache, on_step=tell.step
                )
            )
        found = Evaluated(dataset.name, name, _named(settings), cases, folder)
        paths = write(found, out or dataset.with_name(f"{dataset.stem}-report"))
    summary = found.summary
    if as_json:
        say_json(summary.as_json())
    else:
        typer.echo(harmless(as_markdown(found, summary)), nl=False)
    typer.echo(f"swath: wrote {', '.join(str(path) for path in paths)}", err=True)
    if any(case.result.status == "failed" for case in cases):
        raise typer.Exit(FAILURE)


def compared(first: Path, second: Path, *, as_json: bool) -> None:
    """Prints the comparison."""
    with told_plainly():
        found = compare(first, second)
    if as_json:
        say_json([{**asdict(each), "verdict": each.verdict} for each in found])
        return
    typer.echo(
        f"{'':<18}{'items':>7}{'A right':>9}{'B right':>9}{'only A':>8}{'only B':>8}{'p':>9}"
    )
    for each in found:
        typer.echo(
            f"{each.name:<18}{each.items:>7}{each.first:>9}{each.second:>9}{each.only_first:>8}"
            f"{each.only_second:>8}{each.p:>9.3g}  {each.verdict}"
        )


def _settings(engine: str | None, base_url: str | None, model: str | None) -> Settings:
    if engine and base_url:
        stop("--engine and --base-url exclude each other", code=BAD_USE)
    if base_url and not base_url.startswith(("http://", "https://")):
        stop(f"{base_url!r} is no http:// or https:// address", code=BAD_USE)
    changed: dict[str, str] = {}
    if engine or base_url:
        url = (base_url or "").rstrip("/").removesuffix("/v1")
        changed |= {"vqa_base_url": url, "caption_base_url": url}
    if model:
        changed |= {"vqa_model": model, "caption_model": model}
    return read_settings().model_copy(update=changed)


def _named(settings: Settings) -> str:
    places = dict.fromkeys((settings.vqa_base_url, settings.caption_base_url))
    return " and ".join(
        f"{settings.vqa_model} at {place}" if place else "the embedded engine measure"
        for place in places
    )


def _some(items: Sequence[Item], limit: int | None) -> list[Item]:
    if limit is None or limit >= len(items):
        return list(items)
    return [items[at * len(items) // limit] for at in range(limit)]


class _Telling:
    def __init__(self, total: int, console: Console) -> None:
        self._total = total
        self.status = console.status(f"0 of {total:,}") if sys.stderr.isatty() else None

    def step(self, done: int) -> None:
        if self.status:
            self.status.update(f"{done:,} of {self._total:,} questions")
        elif done % 500 == 0:
            typer.echo(f"swath: {done:,} of {self._total:,} questions", err=True)


@contextlib.contextmanager
def _telling(total: int) -> Iterator[_Telling]:
    telling = _Telling(total, Console(stderr=True))
    with telling.status or contextlib.nullcontext():
        yield telling
