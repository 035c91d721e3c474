from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from app.logs import set_up_logs
from app.redaction import redactor
from app.settings import Settings
from tests.fakes import data_uri


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def logged(*, terminal: bool = False, **settings: Any) -> Iterator[list[str]]:
    """The lines that are logged while entered."""
    root, file, lines = logging.getLogger(), Screen() if terminal else io.StringIO(), list[str]()
    before, handlers, level = structlog.get_config(), root.handlers[:], root.level
    with contextlib.redirect_stderr(file):
        set_up_logs(Settings(_env_file=None, **settings))
    try:
        yield lines
    finally:
        lines += file.getvalue().splitlines()
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()


def test_a_line_is_json_with_the_ids_of_its_request_whoever_writes_it() -> None:
    with logged() as lines:
        structlog.contextvars.bind_contextvars(request_id="r1", thread_id="t1")
        structlog.get_logger("swath.x").info("hello", route="/api/chat")
        logging.getLogger("uvicorn.error").warning("odd %s", "thing")
        logging.getLogger("httpx").info("HTTP Request: GET http://127.0.0.1/")
    own, uvicorns = map(json.loads, lines)
    assert (own["event"], own["route"]) == ("hello", "/api/chat")
    assert uvicorns["event"] == "odd thing"
    for line in (own, uvicorns):
        assert (line["request_id"], line["thread_id"]) == ("r1", "t1")


def test_a_terminal_can_have_json_and_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with logged(terminal=True) as plain:
        structlog.get_logger("swath.x").info("hello")
    with logged(terminal=True, log_format="json") as lines:
        structlog.get_logger("swath.x").info("hello")
    assert "\x1b" not in plain[0]
    assert json.loads(lines[0])["event"] == "hello"


def test_what_uvicorn_set_up_before_is_undone() -> None:
    other = logging.getLogger("uvicorn.error")
    other.setLevel(logging.CRITICAL)
    other.propagate, other.disabled = False, True
    with logged() as lines:
        other.warning("heard")
    assert "heard" in lines[0]


@pytest.mark.parametrize("where", [{"env": "development"}, {"terminal": True}])
def test_lines_are_for_people_in_development_and_on_a_terminal(where: dict[str, Any]) -> None:
    with logged(**where) as lines:
        structlog.get_logger("swath.x").info("hello")
    assert "hello" in lines[0]
    assert not lines[0].startswith("{")


def test_pictures_and_keys_are_taken_out_of_every_line_and_traceback() -> None:
    secret = 'a "quoted" secret'
    settings: dict[str, Any] = {
        "service_api_key": SecretStr(secret),
        "database_url": SecretStr("postgresql://u:pass-word-9@127.0.0.1/x"),
        "log_level": "debug",
    }
    with logged(**settings) as lines:
        log = structlog.get_logger("swath.x")
        log.info(secret, image=data_uri(), nested={"a": [f"Bearer {secret}"]})
        logging.getLogger("uvicorn.error").error("GET /?image_url=%s", data_uri())
        logging.getLogger("httpx").warning("to postgresql://u:pass-word-9@127.0.0.1/x")
        try:
            int(f"Authorization: Bearer sk-swath-abcdefghijk and {data_uri()}")
        except ValueError:
            log.exception("fault")
    text = "\n".join(lines)
    for hidden in ("quoted", "base64,iVBOR", "iVBORw0", "pass-word-9", "sk-swath-abc"):
        assert hidden not in text
    assert "ValueError" in text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("data:image/png;base64,AAAA+/=", "[picture]"),
        ("x data:image/tiff;base64,AAAA, y", "x [picture], y"),
        ("?u=data%3Aimage%2Fpng%3Bbase64%2CAAAA%2B%3D&q=1", "?u=[picture]&q=1"),
        ("Bearer abc.def", "[key]"),
        ("basic QTpC", "[key]"),
        ("sk-swath-1234567890", "[key]"),
        ("https://me:word@host/", "https://me:[password]@host/"),
        ("A" * 300, "[base64]"),
        ("sha256:" + "0" * 64, "sha256:" + "0" * 64),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_a_text_is_cleaned(text: str, clean: str) -> None:
    assert redactor()(text) == clean


def test_a_redactor_without_secrets_hides_no_ordinary_words() -> None:
    assert redactor(["", "abc"])("abc def") == "abc def"
    assert sys.stderr is not None
