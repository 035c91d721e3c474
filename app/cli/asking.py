"""swath ask, caption and chat: the commands and their help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from app.cli.options import Bands, Bbox, BboxIn, Evidence, GoOnWith, Json

Image = Annotated[
    str, typer.Argument(help="A path, an https URL, a data: URI, or a stored image's id.")
]


def ask(
    image: Image,
    question: Annotated[
        str | None, typer.Argument(help="What to ask; without it, the image is described.")
    ] = None,
    thread: GoOnWith = None,
    task: Annotated[
        Literal["vqa", "captioning"] | None, typer.Option(help="Decide what is asked for.")
    ] = None,
    vqa_type: Annotated[
        Literal["yesno", "counting", "area", "general"] | None,
        typer.Option(help="Decide the kind of question."),
    ] = None,
    bbox: Bbox = None,
    bbox_in: BboxIn = "lonlat",
    bands: Bands = None,
    evidence: Evidence = None,
    json: Json = False,
) -> None:
    """Ask a question about an image, or have it described.

    Without VQA_BASE_URL and CAPTION_BASE_URL the embedded engine `measure` answers: it measures
    colours, cover and the kind of scene, says how, and refuses what needs a vision-language model.
    """
    from app.cli.ask import ask_about  # noqa: PLC0415

    ask_about(
        image,
        question,
        (bbox, bbox_in, bands),
        thread_id=thread,
        task=task,
        vqa_type=vqa_type,
        evidence=evidence,
        as_json=json,
    )


def caption(
    image: Image,
    wishes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORDS", help="How it should be: two sentences, in French, for a child."
        ),
    ] = None,
    thread: GoOnWith = None,
    bbox: Bbox = None,
    bbox_in: BboxIn = "lonlat",
    bands: Bands = None,
    evidence: Evidence = None,
    json: Json = False,
) -> None:
    """Describe an image, in words of your wishes.

    Always a description, whatever the words are; `swath ask` decides by them what is asked for.
    """
    from app.cli.ask import describe  # noqa: PLC0415

    reading = (bbox, bbox_in, bands)
    describe(image, wishes or [], reading, thread_id=thread, evidence=evidence, as_json=json)


def chat(
    image: Annotated[
        str | None, typer.Argument(help="What to talk about; another one any time: /image PATH.")
    ] = None,
    thread: GoOnWith = None,
    bbox: Bbox = None,
    bbox_in: BboxIn = "lonlat",
    bands: Bands = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print each turn as a line of JSON.")
    ] = False,
) -> None:
    """Talk about images in the terminal; /help there lists what else it does.

    What is piped in is a script, one message or /command a line; it exits 1 when one failed.
    """
    from app.cli.chat import run  # noqa: PLC0415

    run(image, (bbox, bbox_in, bands), thread, as_json=json)


def add_asking(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (ask, caption, chat):
        app.command()(command)
