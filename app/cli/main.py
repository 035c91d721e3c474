"""The commands, their help, and what their exit codes mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app import __version__
from app.cli.asking import add_asking
from app.cli.batch import batch
from app.cli.eval import evaluation
from app.cli.keys import keys
from app.cli.options import Bands, Bbox, BboxIn, Json
from app.cli.scripted import scripted
from app.cli.seeing import add_seeing
from app.cli.threads import threads

app = typer.Typer(
    name="swath",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Ask questions about satellite images.\n\n"
        "Data goes to stdout, progress and trouble to stderr. Exit codes: 0 an answer "
        "(an honest no is one), 1 a failure, 2 bad use."
    ),
    epilog="Settings come from the environment and from .env; .env.example lists them all.",
)


def main() -> None:
    """The entry point."""
    try:
        app(prog_name="swath")
    except Exception as error:  # noqa: BLE001 - a person's terminal: a fault of ours is one line
        from app.cli.trouble import fault  # noqa: PLC0415

        fault(error)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"swath {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


add_asking(app)


@app.command()
def route(
    query: Annotated[str, typer.Argument(help="What a user would write.")],
    image: Annotated[
        bool, typer.Option("--image/--no-image", help="Whether there is an image to ask about.")
    ] = True,
    history: Annotated[
        list[str] | None,
        typer.Option(
            "--after", help="What was asked before; give it again for more, oldest first."
        ),
    ] = None,
    task: Annotated[
        Literal["vqa", "captioning", "grounding", "other", "off_topic"] | None,
        typer.Option(help="Decide what is asked for."),
    ] = None,
    vqa_type: Annotated[
        Literal["yesno", "counting", "area", "general"] | None,
        typer.Option(help="Decide the kind of question."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell what a message would be taken for, and by which rule. No model is asked.

    One message can be several tasks: "describe the scene and count the ships".
    """
    from app.cli.route import run  # noqa: PLC0415

    run(
        query,
        has_image=image,
        history=history or [],
        task=task,
        vqa_type=vqa_type,
        as_json=json,
    )


@app.command()
def inspect(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Paths, https URLs or STAC items.")
    ],
    preview: Annotated[
        Path | None, typer.Option(help="Write the picture of the one file as PNG or JPEG.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a contact sheet of all files as PNG.")
    ] = None,
    bbox: Bbox = None,
    bbox_in: BboxIn = "lonlat",
    bands: Bands = None,
    json: Json = False,
) -> None:
    """Tell what files are: bands, CRS, ground sample distance, nodata, and what to beware of.

    With --preview or --sheet, see them as a model would. Nothing is kept.
    """
    from app.cli.inspect import run  # noqa: PLC0415

    run(files, (bbox, bbox_in, bands), preview=preview, sheet=sheet, as_json=json)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [SWATH_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [SWATH_PORT].")] = None,
) -> None:
    """Serve the chat API, with its documentation at /docs."""
    from app.cli.serve import run  # noqa: PLC0415

    run(host, port)


@app.command()
def service(
    name: Annotated[Literal["vqa", "captioning"], typer.Argument(help="Which service.")],
    upstream: Annotated[
        str | None,
        typer.Option(
            help="An OpenAI-compatible server up to /v1 (vLLM, llama-server, Ollama, ...). "
            "Without it the embedded engine `measure` answers."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The upstream's name for its model.")] = None,
    api_key: Annotated[
        str, typer.Option(envvar="SWATH_UPSTREAM_API_KEY", help="The upstream's key, if any.")
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Port to listen on [8001 for vqa, 8002 for captioning].")
    ] = None,
) -> None:
    """Serve one of the two VLM services on this machine.

    Same routes as on Modal: chat completions, jobs, /v1/models, /health.
    """
    from app.cli.service import run  # noqa: PLC0415

    run(name, upstream, model, api_key, host, port)


add_seeing(app)


@app.command()
def doctor(json: Json = False) -> None:
    """Check settings, services, database, disk and rights; print a fix a line.

    No model is asked or started. Exits 1 where something is broken.
    """
    from app.cli.doctor import run  # noqa: PLC0415

    run(as_json=json)


app.add_typer(scripted)
app.add_typer(batch, name="batch")
app.add_typer(evaluation, name="eval")
app.add_typer(threads, name="threads")
app.add_typer(keys, name="keys")
images = typer.Typer(no_args_is_help=True, help="List and remove the images that are kept.")
app.add_typer(images, name="images")


@images.command("ls")
def images_ls(json: Json = False) -> None:
    """List the images that are kept, the last used last."""
    from app.cli.images import listed  # noqa: PLC0415

    listed(as_json=json)


@images.command("rm")
def images_rm(
    image_ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids, or their first characters.")
    ],
    json: Json = False,
) -> None:
    """Remove images by their ids."""
    from app.cli.images import removed  # noqa: PLC0415

    removed(image_ids, as_json=json)


@images.command("gc")
def images_gc(
    older_than: Annotated[str, typer.Option(help="Not used for so long: 12h, 30d, 8w.")] = "30d",
    json: Json = False,
) -> None:
    """Remove images that no thread refers to and that were not used for a while."""
    from app.cli.images import collected  # noqa: PLC0415

    collected(older_than, as_json=json)
