"""swath batch: the commands and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on stdout.")]
Shards = Annotated[list[Path], typer.Argument(metavar="FILE...")]


class RunUnlessNamed(TyperGroup):
    """A group whose command `run` needs no name: `swath batch IN` is `swath batch run IN`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Adds the name where none is given."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["run", *args]
        return list(super().parse_args(ctx, args))


batch = typer.Typer(
    cls=RunUnlessNamed,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Answer a file of questions, however long: `swath batch IN [OUT]`.\n\n"
        "`swath batch run --help` lists its options. `split`, `merge` and `report` are for "
        "batches that run on many machines."
    ),
)


@batch.command("run")
def run(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The questions.")],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="The results [IN with .answers before its suffix]."),
    ] = None,
    form: Annotated[
        Literal["jsonl", "csv", "openai", "geonli"] | None,
        typer.Option("--format", help="Of IN; else told by its name and first line."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="What relative image paths start from [IN's folder].")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with OUT; failures that may pass are asked again."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin OUT anew.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=1024, help="Questions at once.")] = 8,
    via: Annotated[
        Literal["sync", "async"],
        typer.Option(help="async submits every question as a job, where there are job routes."),
    ] = "sync",
    max_requests: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many questions.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(min=0.1, help="Begin no question after so long.")
    ] = None,
    give_up_after: Annotated[
        int, typer.Option(min=0, help="Stop after so many passing failures in a row; 0: never.")
    ] = 50,
    json: Json = False,
) -> None:
    """Answer a file of questions: JSONL or CSV (id, image, query), OpenAI batch JSONL, GeoNLI.

    Exit codes: 0 every line has an answer (an honest no is one); 1 some have none, or it gave up;
    2 bad use; 3 a limit ended it; 130 Ctrl-C. After 1, 3, 130 and any crash, --resume goes on.
    """
    from app.batch.running import RunLimits  # noqa: PLC0415
    from app.cli.batch_work import ran  # noqa: PLC0415

    limits = RunLimits(concurrency, max_requests, max_seconds, give_up_after)
    ran(
        source,
        out,
        form,
        images,
        limits,
        as_jobs=via == "async",
        resume=resume,
        overwrite=overwrite,
        as_json=json,
    )


@batch.command("split")
def split(
    source: Annotated[Path, typer.Argument(metavar="IN", help="OpenAI batch JSONL.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the shards go.")],
    shards: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 8,
    json: Json = False,
) -> None:
    """Split requests into shards; all that ask of one image go to the same shard."""
    from app.cli.batch_work import was_split  # noqa: PLC0415

    was_split(source, folder, shards, as_json=json)


@batch.command("merge")
def merge(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Where all results go.")],
    results: Shards,
    json: Json = False,
) -> None:
    """Merge results of shards: one line a custom_id, an answer before an error."""
    from app.cli.batch_work import merged  # noqa: PLC0415

    merged(out, results, as_json=json)


@batch.command("report")
def report(
    requests: Annotated[Path, typer.Argument(metavar="IN", help="The requests.")],
    results: Shards,
    json: Json = False,
) -> None:
    """Tell what is answered, failed, missing and doubled. Exits 1 unless all is answered once."""
    from app.cli.batch_work import reported  # noqa: PLC0415

    reported(requests, results, as_json=json)


@batch.command("vllm")
def vllm(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Shards made by `split`.")],
    model: Annotated[str, typer.Option(help="What `vllm run-batch --model` is given.")],
    args: Annotated[
        list[str] | None,
        typer.Option("--arg", help="One more argument of `vllm run-batch`; repeat it for more."),
    ] = None,
) -> None:
    """Run `vllm run-batch` on every shard that has no results yet."""
    from app.cli.batch_work import ran_by_vllm  # noqa: PLC0415

    ran_by_vllm(folder, model, args or [])


@batch.command("ray")
def ray(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Shards made by `split`.")],
    workers: Annotated[
        int, typer.Option(min=1, help="Shards at once, each in a process of its own.")
    ] = 2,
    concurrency: Annotated[int, typer.Option(min=1, max=1024, help="Questions of each.")] = 8,
    images: Annotated[
        Path | None, typer.Option(help="What relative image paths start from [DIR].")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Of a Ray cluster; else a Ray of this machine's own.")
    ] = None,
) -> None:
    """Run the shards on Ray Data. Needs swath[ray]. Run it again to go on where it ended.

    DIR has to have the same path on all machines. Exit codes: those of `swath batch IN`.
    """
    from app.cli.batch_work import ran_by_ray  # noqa: PLC0415

    ran_by_ray(folder, workers, concurrency, images, address)
