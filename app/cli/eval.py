"""swath eval: the commands and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.batch import RunUnlessNamed
from app.cli.options import Json

evaluation = typer.Typer(
    cls=RunUnlessNamed,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Ask a data set's questions and report how often the answers are right: "
        "`swath eval DATASET`.\n\n`swath eval run --help` lists its options; "
        "`swath eval compare A B` tells whether one of two is better."
    ),
)


@evaluation.command("run")
def run(
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET",
            help="Labels or questions as JSONL, RSVQA's *_questions.json, VRSBench's *.json.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the report [DATASET-report].")
    ] = None,
    form: Annotated[
        Literal["labels", "rsvqa", "vrsbench", "jsonl"] | None,
        typer.Option("--format", help="Of DATASET; else told by what is in it."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="What image paths start from [beside DATASET].")
    ] = None,
    engine: Annotated[
        Literal["measure"] | None, typer.Option(help="The embedded engine, whatever is configured.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Of both services, instead of VQA_BASE_URL and CAPTION_...")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The name to ask both services for.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many questions, spread over the data set.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=1024, help="Questions at once.")] = 8,
    fresh: Annotated[bool, typer.Option("--fresh", help="Use no answers of earlier runs.")] = False,
    json: Json = False,
) -> None:
    """Ask, judge and write report.json, report.md and report.html.

    Exit codes: 0 the report is there, 1 some questions have no answer at all, 2 bad use.
    """
    from app.cli.eval_work import evaluated  # noqa: PLC0415

    asked_of = (engine, base_url, model)
    evaluated(dataset, out, form, images, asked_of, limit, concurrency, fresh=fresh, as_json=json)


@evaluation.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A report's folder or report.json.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one's.")],
    json: Json = False,
) -> None:
    """Tell whether one of two is better on the questions that both were asked (McNemar)."""
    from app.cli.eval_work import compared  # noqa: PLC0415

    compared(first, second, as_json=json)
