"""swath serve: the chat API on this machine."""

from __future__ import annotations

import ipaddress
import socket

import typer
import uvicorn
from fastapi import FastAPI

from app.api import create_app
from app.cli.heads import Heads
from app.cli.trouble import BAD_USE, read_settings, stop, told_plainly
from app.logs import set_up_logs
from app.settings import Settings
from modal_services.collector import calm_the_collector

GRACE_S = 4  # a second more than `app.api.closing` gives; the rest of five is for leaving


def run(host: str | None, port: int | None) -> None:
    """Serves until Ctrl-C or SIGTERM."""
    settings = read_settings()
    update = {"host": host or settings.host, "port": settings.port if port is None else port}
    settings = settings.model_copy(update=update)
    if not settings.api_keys:
        refuse_beyond_loopback(settings.host, "Make a key:  swath keys new NAME")
    set_up_logs(settings)
    with told_plainly():
        listener = bound(settings.host, settings.port)
        _banner(settings, listener.getsockname()[1])
        listen(create_app(settings), listener, settings.log_level)


def listen(
    app: FastAPI, listener: socket.socket, log_level: str, *, access_log: bool = False
) -> None:
    """Serves an app on a bound socket; open requests get a few seconds at the end."""
    config = uvicorn.Config(
        app,
        http=Heads,
        log_level="info" if log_level == "debug" else "warning",
        access_log=access_log,  # of the chat API `app.api.front` writes one
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        log_config=None,
    )
    calm_the_collector()
    uvicorn.Server(config).run(sockets=[listener])


def bound(host: str, port: int) -> socket.socket:
    """A listening socket, or one line that says why there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where it is told that this is TCP; otherwise every
    # answer on a connection that is kept waits 40 ms for its reader's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        stop(f"cannot listen on {host}:{port}: {error.strerror}", "Choose another with --port.")
    return listener


def refuse_beyond_loopback(host: str, hint: str) -> None:
    """Without keys nobody else may reach this port."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        stop(f"{host} is not a loopback address, and no access key is asked for", hint, BAD_USE)


def _banner(settings: Settings, port: int) -> None:
    embedded = [
        name
        for name, url in (("vqa", settings.vqa_base_url), ("captioning", settings.caption_base_url))
        if not url
    ]
    lines = [f"Swath is answering at http://{settings.host}:{port}   (API; /docs to try it)"]
    if embedded:
        lines += [
            f"  engine   measure for {' and '.join(embedded)}: local measurements,",
            "           no vision-language model is connected. To connect one:",
            "           VQA_BASE_URL=... CAPTION_BASE_URL=... swath serve   (see the README)",
        ]
    if settings.vqa_base_url:
        lines.append(f"  vqa      {settings.vqa_base_url}")
    if settings.caption_base_url:
        lines.append(f"  caption  {settings.caption_base_url}")
    lines.append(f"  data     {settings.data_dir}   stop with Ctrl-C")
    typer.echo("\n".join(lines), err=True)
