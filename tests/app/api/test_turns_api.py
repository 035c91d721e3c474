from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app import errors
from app.agent import open_agent
from app.api import create_app
from app.api.faults import status_of
from app.asked import Asked
from app.services.threads.transcript import Message
from app.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ThreadNotFound("."), 404),
        (errors.ThreadBusy("."), 409),
        (errors.TurnRunning("."), 409),
        (errors.TurnCancelled("."), 409),
        (errors.KeyReused("."), 422),
        (errors.TurnLost("."), 500),
        (errors.DatabaseTrouble("."), 503),
    ],
)
def test_trouble_with_turns_has_a_status(error: Exception, status: int) -> None:
    assert status_of(error) == status


async def test_a_server_finishes_what_a_crash_left_open_when_it_starts(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    async with open_agent(settings, isolated=False) as gone:
        await gone.threads.ledger.accept(Asked("Hello!").turn("t", "x", None, None))
    app = create_app(settings, isolated=False)
    async with app.router.lifespan_context(app) as state:
        async with asyncio.timeout(10):
            while not (said := await transcript(state)):  # noqa: ASYNC110 - another task writes it
                await asyncio.sleep(0.01)
    assert [message.role for message in said] == ["user", "assistant"]


async def transcript(state: object) -> list[Message]:
    agent = state["agent"]  # type: ignore[index]
    found: list[Message] = await agent.transcript("t")
    return found
