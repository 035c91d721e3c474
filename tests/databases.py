"""Databases for tests: a file, and a schema of its own where a PostgreSQL server answers."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

KINDS = ("sqlite", "postgres")
REQUIRED = "SWATH_TEST_REQUIRE_SERVICES"
SERVER = "SWATH_TEST_POSTGRES_URL"
LOCAL = "postgresql:///postgres?host=127.0.0.1&connect_timeout=3"


def threads_place(kind: str, folder: Path) -> Iterator[str]:
    """What SWATH_DATABASE_URL is to be: empty for SQLite, else the URL of a fresh schema."""
    if kind == "sqlite":
        yield ""
        return
    with fresh_schema() as url:
        yield url


@contextlib.contextmanager
def fresh_schema() -> Iterator[str]:
    """The URL of an empty schema, which is dropped on leaving; without a server the test skips."""
    with schema_of_its_own(server_url()) as url:
        yield url


@contextlib.contextmanager
def schema_of_its_own(server: str) -> Iterator[str]:
    """A server's URL with a new schema, which is dropped on leaving."""
    schema = f"swath_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        try:
            joint = "&" if "?" in server else "?"
            yield f"{server}{joint}options={quote(f'-csearch_path={schema}')}"
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


def server_url() -> str:
    """The server for tests; without one the test skips, or fails where services are required."""
    url = os.environ.get(SERVER, LOCAL)  # noqa: TID251 - a test's, not the program's
    try:
        psycopg.connect(url).close()
    except psycopg.Error as error:
        if os.environ.get(REQUIRED):  # noqa: TID251
            raise
        pytest.skip(f"no PostgreSQL server answers; {SERVER} names one ({type(error).__name__})")
    return url
