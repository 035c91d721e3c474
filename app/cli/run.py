"""swath run: a conversation as a regression test."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer

from app.cli.trouble import BAD_USE, FAILURE, read_settings, stop, told_plainly
from app.cli.words import harmless, say, say_json
from app.scripts.junit import as_junit
from app.scripts.loading import read
from app.scripts.playing import Played, play


def run(path: Path, said: Sequence[str], junit: Path | None, *, as_json: bool) -> None:
    """Plays a script and reports; exits 1 where something is not as expected."""
    settings = read_settings()
    with told_plainly():
        script = read(path, dict(_pair(each) for each in said))
        tell = (lambda _played: None) if as_json else _say
        if not as_json:
            say(f"{script.name}: {len(script.steps)} turns")
        played = asyncio.run(play(script, settings, path.parent.resolve(), tell))
        if junit:
            junit.write_text(as_junit(script.name, path.name, played), encoding="utf-8")
            typer.echo(f"swath: wrote {junit}", err=True)
    failed = sum(not each.passed for each in played)
    if as_json:
        say_json([_as_json(each) for each in played])
    else:
        say(f"{len(played) - failed} of {len(played)} as expected")
    if failed:
        raise typer.Exit(FAILURE)


def _pair(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals or not name:
        stop(f"{said!r} is no NAME=VALUE", code=BAD_USE)
    return name, value


def _say(played: Played) -> None:
    mark = "ok  " if played.passed else "FAIL"
    say(f"  {mark}  line {played.step.line:<4} {played.step.title}  ({played.result.ms:,.0f} ms)")
    if not played.passed:
        for fault in played.faults:
            say(f"          {fault}")
        if played.result.answer:
            say(f"          said: {harmless(played.result.answer)[:300]}", aside=True)


def _as_json(played: Played) -> dict[str, object]:
    result = played.result
    return {
        "line": played.step.line,
        "turn": played.step.title,
        "passed": played.passed,
        "faults": list(played.faults),
        "status": result.status,
        "answer": result.answer,
        "task": result.task,
        "vqa_type": result.vqa_type,
        "ms": result.ms,
    }
