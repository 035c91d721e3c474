"""What both databases do, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import ormsgpack
import psycopg
import pytest
from langgraph.checkpoint.serde.jsonplus import EXT_CONSTRUCTOR_SINGLE_ARG
from pydantic import SecretStr

from app.agent import open_agent
from app.errors import DatabaseTrouble
from app.services.threads import open_threads
from app.services.threads.database import statement
from app.services.threads.postgres import BY_KEY, KeyedSaver, Lifeline
from app.settings import Settings
from tests.app.turns.agents import Upstream, agent_over
from tests.databases import fresh_schema
from tests.fakes import data_uri

pytestmark = pytest.mark.anyio

ONE = statement("SELECT COUNT(*) FROM swath_jobs")
NOTE = statement("INSERT INTO swath_jobs (turn_id, task, call_id) VALUES (?, ?, ?)", "t", "0", "fc")


async def test_many_may_open_a_new_database_at_once(settings: Settings) -> None:
    async def opened() -> None:
        async with open_threads(settings.threads_place) as threads:
            await threads.database.run(ONE)

    await asyncio.gather(*(opened() for _ in range(6)))
    async with open_threads(settings.threads_place) as threads:
        [rows] = await threads.database.run(statement("SELECT version FROM swath_schema"))
    assert rows == [(1,)]


async def test_a_transaction_happens_whole_or_not_at_all(settings: Settings) -> None:
    async with open_threads(settings.threads_place) as threads:
        with pytest.raises(DatabaseTrouble):
            await threads.database.run(NOTE, NOTE)
        assert await threads.database.run(ONE) == [[(0,)]]
        assert await threads.database.run(NOTE, ONE) == [[], [(1,)]]


async def test_a_user_of_the_database_is_alive_until_it_closes_it(settings: Settings) -> None:
    async with open_threads(settings.threads_place) as here:
        async with open_threads(settings.threads_place) as there:
            other = there.database.owner
            assert await here.database.alive(other)
            assert await there.database.alive(other)
        assert not await here.database.alive(other)
        assert await here.database.alive(here.database.owner)


async def test_a_newer_database_is_not_touched(settings: Settings) -> None:
    async with open_threads(settings.threads_place) as threads:
        await threads.database.run(statement("INSERT INTO swath_schema (version) VALUES (?)", 99))
    with pytest.raises(DatabaseTrouble, match="version 99"):
        async with open_threads(settings.threads_place):
            pass


async def test_a_crafted_checkpoint_runs_no_code(settings: Settings, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    call = ormsgpack.packb(("os", "system", f"touch {mark}"))
    crafted = ormsgpack.packb(ormsgpack.Ext(EXT_CONSTRUCTOR_SINGLE_ARG, call))
    async with open_threads(settings.threads_place) as threads:
        threads.checkpoints.serde.loads_typed(("msgpack", crafted))
        with pytest.raises(NotImplementedError):
            threads.checkpoints.serde.loads_typed(("pickle", b"cos\nsystem\n."))
    assert not mark.exists()


async def test_health_tells_of_a_database_that_is_gone(settings: Settings) -> None:
    async with agent_over(settings, Upstream()) as agent:
        await agent.threads.database.run(statement("DROP TABLE swath_turns"))
        health = await agent.health()
        with pytest.raises(DatabaseTrouble) as caught:
            await agent.ask("Hello!")
    assert health["database"]["state"] == "down"
    assert caught.value.hint


async def test_a_file_that_cannot_be_a_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite3"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(DatabaseTrouble, match=r"threads\.sqlite3"):
        async with open_threads(path):
            pass


async def test_the_file_and_its_locks_are_their_owners_alone(tmp_path: Path) -> None:
    async with open_threads(tmp_path / "a" / "threads.sqlite3"):
        pass
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "a").iterdir()}
    assert modes
    assert not any(modes.values())
    assert list((tmp_path / "a" / "threads.owners").iterdir()) == []


async def test_locks_of_killed_processes_are_cleared_away(tmp_path: Path) -> None:
    owners = tmp_path / "threads.owners"
    owners.mkdir()
    (owners / "killed").touch()
    async with open_threads(tmp_path / "threads.sqlite3") as threads:
        assert [path.name for path in owners.iterdir()] == [threads.database.owner]


async def test_a_writer_that_waits_too_long_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite3"
    async with open_threads(path) as threads:
        database: Any = threads.database
        database._connection.execute("PRAGMA busy_timeout = 1")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseTrouble, match="locked") as caught:
            await threads.database.run(NOTE)
        other.close()
    assert "PostgreSQL" in caught.value.hint


async def test_the_file_stays_open_while_a_cancelled_callers_statement_runs(tmp_path: Path) -> None:
    runs, ended = threading.Event(), threading.Event()

    def slow(_: object) -> list[Any]:
        runs.set()
        time.sleep(0.3)
        ended.set()
        return []

    async with open_threads(tmp_path / "threads.sqlite3") as threads:
        database: Any = threads.database
        rows, database._rows = database._rows, slow
        caller = asyncio.create_task(database.run(ONE))
        await asyncio.to_thread(runs.wait, 10)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    assert ended.is_set()
    database._rows = rows
    with pytest.raises(DatabaseTrouble, match="closed"):
        await database.run(ONE)


async def test_a_server_that_is_not_there_is_an_error_without_the_password() -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/none?connect_timeout=1"
    with pytest.raises(DatabaseTrouble) as caught:
        async with open_threads(url):
            pass
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    assert "SWATH_DATABASE_URL" in caught.value.hint


def test_only_postgresql_addresses_are_taken() -> None:
    with pytest.raises(ValueError, match="postgresql"):
        Settings(database_url=SecretStr("mysql://host/name"), _env_file=None)
    shown = repr(Settings(database_url=SecretStr("postgresql://u:hidden@h/n"), _env_file=None))
    assert "hidden" not in shown


async def test_a_cut_lifeline_is_taken_up_again() -> None:
    with fresh_schema() as url:
        lifeline = Lifeline(url, guard_s=0.01)
        first = await lifeline.connect()
        guard = asyncio.create_task(lifeline.guard())
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
            await other.execute("SELECT pg_terminate_backend(%s)", [first.info.backend_pid])
            taken = "SELECT pg_try_advisory_lock(%s)"
            for _ in range(500):
                await asyncio.sleep(0.01)
                if lifeline.connected is not first:
                    break
            free = await (await other.execute(taken, [int(lifeline.owner)])).fetchone()
        guard.cancel()
        await asyncio.gather(guard, return_exceptions=True)
        await lifeline.close()
    assert free == (False,)


def test_langgraphs_query_is_still_the_one_that_is_changed() -> None:
    assert BY_KEY in KeyedSaver.SELECT_SQL


async def test_the_embedded_engine_answers_over_either_database(settings: Settings) -> None:
    async with open_agent(settings, isolated=False) as agent:
        turn = await agent.ask("What is the size of the image?", image=data_uri())
    assert turn.engine == "measure"
