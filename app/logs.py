"""The log: one line an event, on stderr, in JSON or for people.

Swath's own lines, uvicorn's, httpx's and everybody else's go through the same formatter, which adds
the request's and the thread's ids and takes pictures and keys out of the finished line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from rich.console import Console

from app.redaction import redactor
from app.settings import Settings

CHATTY = ("httpx", "httpcore", "asyncio", "aiosqlite", "rasterio", "PIL", "urllib3", "langsmith")


def set_up_logs(settings: Settings) -> None:
    """Sends every log to stderr as the settings say."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Redacting(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(settings),
            ],
            clean=redactor(secrets_of(settings)),
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):  # uvicorn's own set-up may have cut them off
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).disabled = False
        logging.getLogger(name).setLevel(logging.NOTSET)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def secrets_of(settings: Settings) -> list[str]:
    """What must be in no line."""
    database = settings.database_url.get_secret_value()
    own = (settings.service_api_key, settings.modal_key, settings.modal_secret)
    every = [*own, *settings.service_keys, *settings.api_keys]
    password = urlsplit(database).password if database else None
    return [secret.get_secret_value() for secret in every] + [password or ""]


def _renderer(settings: Settings) -> structlog.typing.Processor:
    terminal = Console(stderr=True)  # it knows NO_COLOR
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and (settings.development or terminal.is_terminal)
    )
    if console:
        return structlog.dev.ConsoleRenderer(colors=terminal.is_terminal and not terminal.no_color)
    return structlog.processors.JSONRenderer()


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """Takes what is not to be seen out of the finished line, wherever in it it was."""

    def __init__(self, *, clean: Callable[[str], str], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return self._clean(super().format(record))
