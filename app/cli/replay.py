"""swath replay: a turn run again from one of its checkpoints, in a thread of its own."""

from __future__ import annotations

import asyncio

import typer

from app.agent import open_agent
from app.cli.patience import for_one_person
from app.cli.trouble import FAILURE, read_settings, stop, told_plainly
from app.cli.words import say, say_json
from app.drawing.run import seconds
from app.replaying import replay
from app.turn import Turn


def run(
    thread_id: str,
    checkpoint: str,
    message: str | None,
    new_thread_id: str | None,
    *,
    as_json: bool,
) -> None:
    """Replays and prints the fork's answer; exits 1 when no service answered."""
    settings = read_settings()

    async def replayed() -> Turn:
        async with open_agent(for_one_person(settings)) as agent:
            return await replay(agent, thread_id, checkpoint, message, new_thread_id)

    with told_plainly():
        turn = asyncio.run(replayed())
    if as_json:
        say_json(turn.model_dump(mode="json"))
    typer.echo(f"swath: forked into thread {turn.thread_id}", err=True)
    if turn.error is not None:
        stop(turn.error["message"], turn.error["hint"], FAILURE)
    if not as_json:
        say(turn.content)
        kind = f"{turn.task}/{turn.vqa_type}" if turn.vqa_type else turn.task
        say(f"  {kind} ({turn.route['rule']}) · {seconds(turn.ms)}", aside=True)
