"""Connections to public addresses only, dropped when they bring too little or too much.

The host is resolved once per connection, every answer is checked, and a checked address itself is
dialled: there is no second look-up that could answer differently (DNS rebinding).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import anyio
import httpcore

from imagery.addresses import PORTS, is_ip, is_public
from imagery.errors import AddressRefused, FetchFailed

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host, as text. Raises OSError when there are none."""

MAX_DIALS = 4
MIN_BYTES_PER_S = 1024


async def system_resolver(host: str, port: int) -> list[str]:
    """The addresses this machine knows for a host, in the order it prefers them."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(slots=True)
class Pace:
    """How much a connection must bring, and may bring at most.

    Every `stall_s` spent waiting must have brought MIN_BYTES_PER_S on average. The last bytes of
    a file are never judged: they end the wait.

    Attributes:
        host: for the messages.
        max_bytes: of everything the host sends, headers and framing included.
    """

    host: str
    stall_s: float
    max_bytes: int
    _all_bytes: int = 0
    _bytes: int = 0
    _waited_s: float = 0.0

    def stalled(self) -> FetchFailed:
        """The error for a host that has been silent for `stall_s`."""
        return FetchFailed(f"{self.host} sent nothing for {self.stall_s:g} s")

    def count(self, received: int, waited_s: float) -> None:
        """Note what one read brought; raise FetchFailed where it is too little or too much."""
        self._all_bytes += received
        if self._all_bytes > self.max_bytes:
            raise FetchFailed(f"{self.host} sends far more than a picture")
        self._bytes += received
        self._waited_s += waited_s
        if self._waited_s < self.stall_s:
            return
        if received and self._bytes < MIN_BYTES_PER_S * self._waited_s:
            raise FetchFailed(f"{self.host} sends less than {MIN_BYTES_PER_S:,} bytes a second")
        self._bytes, self._waited_s = 0, 0.0


class PacedStream(httpcore.AsyncNetworkStream):
    """A connection that keeps a pace, whatever the timeouts of the stream inside."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, pace: Pace) -> None:
        self._inner = inner
        self._pace = pace

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        """The next bytes; FetchFailed when they keep the reader waiting."""
        start_s = anyio.current_time()
        try:
            with anyio.fail_after(self._pace.stall_s):
                received = await self._inner.read(max_bytes, timeout)
        except TimeoutError as error:
            raise self._pace.stalled() from error
        self._pace.count(len(received), anyio.current_time() - start_s)
        return received

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        """Send the request."""
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Drop the connection."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted, at the same pace."""
        inner = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        return PacedStream(inner, self._pace)

    def get_extra_info(self, info: str) -> object:
        """What the stream inside knows of itself."""
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses only."""

    def __init__(
        self,
        resolve: Resolver,
        inner: httpcore.AsyncNetworkBackend,
        *,
        stall_s: float,
        max_bytes: int,
    ) -> None:
        self._resolve = resolve
        self._inner = inner
        self._stall_s = stall_s
        self._max_bytes = max_bytes

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check every answer, dial a checked address."""
        if port not in PORTS.values():
            raise AddressRefused(f"{host}: port {port} is not contacted")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout
        failure = httpcore.ConnectError("no address")
        for address in (await self._addresses(host, port))[:MAX_DIALS]:
            try:
                stream = await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return PacedStream(stream, Pace(host, self._stall_s, self._max_bytes))
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a socket file is always of this machine."""
        raise AddressRefused(f"{path} is a socket of this machine, so it is not contacted")

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore does between its attempts."""
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = [host] if is_ip(host) else await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"{host} was not found: its name has no address") from error
        if not addresses:
            raise FetchFailed(f"{host} was not found: its name has no address")
        if not all(is_public(address) for address in addresses):
            raise AddressRefused(f"{host} is not at a public address, so it is not contacted")
        return addresses
