# ruff: noqa: ASYNC109 - the timeouts are httpcore's signatures
"""A network that is not there: a resolver and a backend for `imagery.fetch`."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

import anyio
import httpcore

PUBLIC = "93.184.216.34"


def answer(status: str = "200 OK", body: bytes = b"", **headers: str) -> list[bytes]:
    """One HTTP answer, in the pieces in which it arrives."""
    lines = [f"HTTP/1.1 {status}"]
    if "content_length" not in headers:
        headers["content_length"] = str(len(body))
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    return ["\r\n".join([*lines, "", ""]).encode(), body]


class Names:
    """A resolver that knows what it is told, and every other name at a public address."""

    def __init__(self, **known: list[str]) -> None:
        self._known = {name.replace("__", "."): addresses for name, addresses in known.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self._known.get(host, [PUBLIC])


async def nobody(host: str, port: int) -> list[str]:
    raise OSError(f"no address for {host}")


class Stream(httpcore.AsyncNetworkStream):
    """Gives its pieces, each after a pause, then ends, breaks off or never answers."""

    def __init__(self, network: Network, pieces: list[bytes]) -> None:
        self._network = network
        self._pieces = list(pieces)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._pieces:
            if self._network.pause_s:
                await anyio.sleep(self._network.pause_s)
            self._network.pieces_read += 1
            return self._pieces.pop(0)
        if self._network.stalls:
            await anyio.sleep_forever()
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._network.written += buffer

    async def aclose(self) -> None:
        self._network.closed += 1

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if self._network.tls_error is not None:
            try:
                raise self._network.tls_error
            except ssl.SSLError as error:  # as httpcore's own backends do
                raise httpcore.ConnectError(error) from error
        self._network.tls_names.append(server_hostname)
        self._network.verifies = ssl_context.verify_mode == ssl.CERT_REQUIRED
        return self

    def get_extra_info(self, info: str) -> object:
        return None


class Network(httpcore.AsyncNetworkBackend):
    """Answers one connection after the other, and counts them."""

    def __init__(
        self,
        *answers: list[bytes],
        stalls: bool = False,
        pause_s: float = 0.0,
        down: tuple[str, ...] = (),
        tls_error: ssl.SSLError | None = None,
    ) -> None:
        self._answers = list(answers)
        self._down = down
        self.stalls = stalls
        self.pause_s = pause_s
        self.tls_error = tls_error
        self.dialled: list[tuple[str, int]] = []
        self.tls_names: list[str | None] = []
        self.verifies = False
        self.written = b""
        self.pieces_read = 0
        self.closed = 0

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        if host in self._down:
            raise httpcore.ConnectError("refused")
        return Stream(self, self._answers.pop(0) if self._answers else [])

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AssertionError("no test dials a socket file")

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits")
