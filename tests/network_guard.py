"""Counts what this process tries to reach outside loopback, and lets none of it happen.

An audit hook sees every connection and look-up of the interpreter, whoever makes it. Hooks cannot
be taken back, so there is one, and a guard switches it on for a while.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Any

_watching: list[list[str]] = []


def _is_outside(host: object) -> bool:
    try:
        return not ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return str(host) not in ("localhost", "")


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        return
    address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    if isinstance(address, bytes):  # anyio looks names up so
        address = address.decode("ascii", "replace")
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(address, tuple | str) and _is_outside(host):
        for seen in _watching:
            seen.append(f"{event} {host}")
        if event == "socket.getaddrinfo":
            raise socket.gaierror(socket.EAI_NONAME, "refused by the test")
        raise OSError("refused by the test")


_installed: list[bool] = []


@contextlib.contextmanager
def no_network() -> Iterator[list[str]]:
    """While entered, whatever would leave loopback is refused and put on the list."""
    if not _installed:
        sys.addaudithook(_hook)
        _installed.append(True)
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)
