"""What a line of a chat is: a message, a /command, or a picture that is named alone on it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What each command takes, and what it does.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "help": ("", "this list"),
    "image": ("[PATH]", "talk about another image; its path alone on a line does too"),
    "inspect": ("", "what is known of the image: bands, CRS, metres per pixel"),
    "caption": ("[WORDS]", "describe it: /caption two sentences, in French"),
    "route": ("WORDS", "what a message would be taken for; no model is asked"),
    "trace": ("", "what the last turn did, step by step"),
    "log": ("", "the last turn's log"),
    "evidence": ("PATH", "write the image with what was measured tinted, as PNG"),
    "retry": ("", "ask the last message again"),
    "new": ("", "begin a new thread; the image stays"),
    "thread": ("ID", "go on with another thread"),
    "threads": ("", "list the threads"),
    "quit": ("", "leave (Ctrl-D does too)"),
}
ALIASES = {"exit": "quit", "q": "quit", "?": "help"}
_ADDRESS = re.compile(r"(?:(?:https?://|data:image/)\S+|sha256:[0-9a-f]{64})$", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:tiff?|jp2|j2k|png|jpe?g|webp|gif|bmp|avif|vrt)$", re.IGNORECASE)
LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Message:
    """Words for the agent."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command, which may be none that is known, and what was written after it."""

    name: str
    rest: str = ""


Line = Message | Command


def line_of(text: str) -> Line:
    """Reads a line; a picture alone on it is the command that takes it."""
    text = text.strip()
    word, _, rest = text.partition(" ")
    name = word.removeprefix("/").lower()
    name = ALIASES.get(name, name)
    if word.startswith("/") and name in COMMANDS:
        return Command(name, rest.strip())
    if image := picture_in(text):
        return Command("image", image)
    if re.fullmatch(r"/[\w?-]*", word):
        return Command(name, rest.strip())
    missing = missing_picture_in(text)
    return Command("image", missing) if missing else Message(text)


def picture_in(text: str) -> str:
    """The picture that the whole of a text names, as it stands or as shells and desktops write it.

    A file that is there, quoted, with escaped blanks or as file://; an address; an id.
    """
    if _ADDRESS.match(text):
        return text
    if len(text) > LONGEST_PATH or not re.search(r"[./\\]", text):
        return ""
    return next(filter(_is_file, _candidates(text)), "")


def missing_picture_in(text: str) -> str:
    """The name of a picture file that is not there, so that it is not asked as a question."""
    name = [*_candidates(text)][-1] if len(text) <= LONGEST_PATH else ""
    meant = " " not in name or text[0] in "'\"/~"
    return name if meant and _PICTURE.search(name) else ""


def path_of(text: str) -> str:
    """The path that was written after a command, quoted or not."""
    return picture_in(text) or [*_candidates(text)][-1]


def _candidates(text: str) -> Iterator[str]:
    yield _home(text)
    try:
        words = shlex.split(text)
    except ValueError:  # an apostrophe: no quoting
        return
    if len(words) != 1:
        return
    url = urlsplit(words[0]) if words[0].startswith("file://") else None
    yield _home(unquote(url.path) if url else words[0])


def _home(text: str) -> str:
    return str(Path(text).expanduser()) if text.startswith("~/") else text


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, a null character
        return False
