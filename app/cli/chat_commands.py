"""What the /commands of a chat do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from app.cli.chat_lines import COMMANDS, Line, Message, path_of
from app.cli.chat_talk import HOW_TO_NAME, Chat
from app.cli.inspect import lines_of
from app.cli.route import plan_as_lines
from app.cli.thread_work import thread_line
from app.cli.trace import trace_lines
from app.cli.trouble import BAD_USE, stop
from app.cli.turn_words import write_evidence
from app.log_entries import lines
from app.prompts import description_of
from app.routing import plan
from app.tracing import traced
from app.turn import Turn
from imagery import ImageRef
from imagery.facts import facts_of_photo

SHOWN_THREADS = 20
Does = Callable[[Chat, str], Awaitable[None]]


async def carry_out(chat: Chat, line: Line) -> None:
    """Asks a message, or does what a command says; ends as a command does if it fails.

    Raises:
        typer.Exit: it failed, and why is said.
        app.errors.SwathError, imagery.ImageryError, OSError: it failed.
    """
    if isinstance(line, Message):
        await chat.ask(line.text)
        return
    does = DOES.get(line.name)
    if does is None:
        stop(f"/{line.name} is no command", "/help lists them.", BAD_USE)
    takes, _ = COMMANDS[line.name]
    if takes and not takes.startswith("[") and not line.rest:
        stop(f"/{line.name} needs more: /{line.name} {takes}", code=BAD_USE)
    await does(chat, line.rest)


async def _help(chat: Chat, _rest: str) -> None:
    widest = max(len(f"/{name} {takes}") for name, (takes, _) in COMMANDS.items())
    for name, (takes, what) in COMMANDS.items():
        chat.tell(f"  {f'/{name} {takes}':<{widest}}  {what}")
    chat.tell("Anything else is asked. Ctrl-C ends a turn that takes too long.")


async def _image(chat: Chat, rest: str) -> None:
    if rest:
        await chat.take(path_of(rest))
    else:
        chat.tell_image()


async def _inspect(chat: Chat, _rest: str) -> None:
    image = _image_of(chat)
    facts = image.facts or facts_of_photo(image.width_px, image.height_px, "RGB")
    said = (*image.warnings, *image.notes)
    chat.tell("\n".join(lines_of(image.source.removeprefix("file:"), facts, image.mime, said)))


async def _caption(chat: Chat, rest: str) -> None:
    _image_of(chat)
    await chat.ask(description_of(rest), "captioning")


async def _route(chat: Chat, rest: str) -> None:
    has_image = chat.image is not None
    found = plan(rest, has_image=has_image, history=chat.asked)
    chat.tell("\n".join(plan_as_lines(found, has_image=has_image)))


async def _trace(chat: Chat, _rest: str) -> None:
    turn = _turn_of(chat)
    found = await traced(chat.agent.threads, chat.agent.graph, turn.thread_id, turn.turn_id)
    chat.tell("\n".join(trace_lines(found)))


async def _log(chat: Chat, _rest: str) -> None:
    chat.tell("\n".join(lines(_turn_of(chat).execution_log)))


async def _evidence(chat: Chat, rest: str) -> None:
    write_evidence(chat.agent.images, _turn_of(chat), Path(path_of(rest)))


async def _retry(chat: Chat, _rest: str) -> None:
    await chat.ask_again()


async def _new(chat: Chat, _rest: str) -> None:
    chat.begin_anew()
    chat.tell("a new thread", aside=True)
    chat.tell_image()


async def _thread(chat: Chat, rest: str) -> None:
    chat.image = None  # the thread's own
    await chat.go_on_with(rest)


async def _threads(chat: Chat, _rest: str) -> None:
    for each in await chat.agent.threads.catalogue.listed(SHOWN_THREADS):
        mark = "*" if each.thread_id == chat.thread_id else " "
        chat.tell(f"{mark} {thread_line(each)}")


def _image_of(chat: Chat) -> ImageRef:
    if chat.image is None:
        stop("there is no image yet", HOW_TO_NAME, BAD_USE)
    return chat.image


def _turn_of(chat: Chat) -> Turn:
    if chat.turn is None:
        stop("nothing was answered yet in this chat", code=BAD_USE)
    return chat.turn


DOES: Mapping[str, Does] = {
    "help": _help,
    "image": _image,
    "inspect": _inspect,
    "caption": _caption,
    "route": _route,
    "trace": _trace,
    "log": _log,
    "evidence": _evidence,
    "retry": _retry,
    "new": _new,
    "thread": _thread,
    "threads": _threads,
}
