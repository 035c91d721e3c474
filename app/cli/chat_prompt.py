"""Where a chat's lines come from: a person with line editing, or a pipe."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from app.cli.chat_lines import COMMANDS

EDITS = importlib.util.find_spec("readline") is not None  # not on Windows, whose console does
if EDITS:
    import readline

PROMPT = "> "
MOST_LINES = 1000  # of the history file
TAKES_A_PATH = ("/image ", "/evidence ")


def piped_lines() -> Iterator[str]:
    """The lines of stdin; one that is no UTF-8 is read with marks where it is not."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    if sys.stdin.isatty():  # its output is not: it is piped on
        typer.echo(PROMPT, nl=False, err=True)
    for line in sys.stdin:
        yield line
        if sys.stdin.isatty():
            typer.echo(PROMPT, nl=False, err=True)


def typed_lines(history: Path) -> Iterator[str]:
    """What a person types until Ctrl-D, or Ctrl-C on an empty line; kept in a file for the next."""
    _set_up(history)
    while True:
        interrupted = _Interrupted()
        try:
            with interrupted:
                line = input(PROMPT)
        except EOFError:
            typer.echo()
            return
        except KeyboardInterrupt:
            typer.echo()
            if interrupted.typed:  # as in a shell, the line is dropped
                continue
            return
        _keep(line, history)
        yield line


class _Interrupted:
    """Looks, at a Ctrl-C, at what was typed so far: readline forgets it before anyone is told."""

    typed = ""

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGINT, self._interrupt)

    def __exit__(self, *_error: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, _number: int, _frame: object) -> None:
        self.typed = readline.get_line_buffer() if EDITS else ""
        raise KeyboardInterrupt


def _set_up(history: Path) -> None:
    if not EDITS:
        return
    readline.set_auto_history(False)
    readline.set_completer_delims("")
    readline.set_completer(_completed)
    editline = "libedit" in (readline.__doc__ or "")  # macOS
    readline.parse_and_bind("bind ^I rl_complete" if editline else "tab: complete")
    with contextlib.suppress(OSError):  # a history that cannot be kept is no reason not to talk
        history.parent.mkdir(parents=True, exist_ok=True)
        history.touch(mode=0o600)
        history.chmod(0o600)  # it holds the user's words
        readline.read_history_file(history)
        readline.set_history_length(MOST_LINES)
        readline.write_history_file(history)  # no longer than that


def _keep(line: str, history: Path) -> None:
    """Adds a line to the history, unless it is empty, the same again or begins with a blank."""
    if not EDITS or not line.strip() or line.startswith(" "):
        return
    line, last = " ".join(line.splitlines()), readline.get_current_history_length()
    if last and readline.get_history_item(last) == line:
        return
    readline.add_history(line)
    with contextlib.suppress(OSError):
        readline.append_history_file(1, history)


def _completed(text: str, state: int) -> str | None:
    found = completions(text)
    return found[state] if state < len(found) else None


def completions(text: str) -> list[str]:
    """What a beginning of a line may go on as: a command, or a path."""
    start = next((each for each in TAKES_A_PATH if text.startswith(each)), "")
    if not start and text.startswith("/"):
        commands = [f"/{name}" for name in COMMANDS if f"/{name}".startswith(text)]
        if commands:
            return commands
    return [start + path for path in _paths(text.removeprefix(start))]


def _paths(beginning: str) -> list[str]:
    folder, _, name = beginning.rpartition("/")
    place = Path(folder or ("/" if beginning.startswith("/") else ".")).expanduser()
    try:
        found = [each for each in place.iterdir() if each.name.startswith(name)]
    except (OSError, ValueError, RuntimeError):  # no such folder, no such user
        return []
    before = f"{folder}/" if "/" in beginning else ""
    shown = (each for each in found if name.startswith(".") or not each.name.startswith("."))
    return sorted(f"{before}{each.name}{'/' if each.is_dir() else ''}" for each in shown)
